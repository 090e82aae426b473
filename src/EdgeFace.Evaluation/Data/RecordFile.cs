using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeFace.Evaluation.Data;

/// <summary>One record of an image, as MXNet's <c>recordio.pack</c> writes it.</summary>
/// <param name="Key">Its key in the index.</param>
/// <param name="Labels">The labels: one, or as many as its flag says. The first is the person's number; a negative one means that nobody says who
/// it is.</param>
/// <param name="Id">The first identifier of the header.</param>
/// <param name="Id2">The second.</param>
/// <param name="Content">The encoded picture.</param>
public sealed record ImageRecord(int Key, IReadOnlyList<float> Labels, ulong Id, ulong Id2, byte[] Content);

/// <summary>
/// Reads a data set in MXNet's RecordIO (<c>.rec</c>, with or without <c>.idx</c>; dmlc-core's recordio.h, MXNet's
/// python/mxnet/recordio.py), in any order, with nothing in memory but the index. Where record 0 has a flag above 0, its labels are the key
/// behind the last image and the key behind the last record of a person, as InsightFace packs them; else all records are images. Any number
/// of threads may read at once.
/// </summary>
public sealed class RecordFile : IDisposable
{
    internal const int PartHeader = 8;
    internal const int RecordHeader = 24;
    const uint Magic = 0xced7230a;
    const int MaxRecord = DataImage.MaxBytes + 4096;
    const int MaxLabels = 1024;

    readonly DataFile _file;
    readonly RecordIndex _index;
    readonly int[] _imageKeys;

    RecordFile(DataFile file, RecordIndex index)
    {
        (_file, _index) = (file, index);
        var keys = index.Keys;
        if (keys[0] != 0 || ReadHeader(0) is not { Flag: > 0 } header)
        {
            _imageKeys = keys.ToArray();
            return;
        }
        if (header.Labels is not [>= 1 and <= int.MaxValue and var end, _, ..])
            throw Wrong(0, "the ranges of images and people as labels", string.Join(", ", header.Labels));
        AnnouncedImages = (long)end - 1;
        var behind = 1;
        while (behind < keys.Length && keys[behind] < (long)end) behind++;
        _imageKeys = keys[1..behind].ToArray();
    }

    /// <summary>The keys of the images, ascending.</summary>
    public IReadOnlyList<int> ImageKeys => _imageKeys;

    /// <summary>How many images record 0 announces; null where it does not.</summary>
    public long? AnnouncedImages { get; }

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>
    /// Opens a <c>.rec</c> file. The index is the <c>.idx</c> file of the same name beside it; where there is none, the records
    /// are walked through once.
    /// </summary>
    /// <exception cref="DataSetException">Missing, unreadable, or of another format.</exception>
    public static RecordFile Open(string path)
    {
        var file = new DataFile(path, "records of MXNet's RecordIO");
        try
        {
            ReadPart(file, 0); // an error about the file before one about its index
            var index = System.IO.Path.ChangeExtension(path, ".idx");
            return new(file, index != path && File.Exists(index) ? RecordIndex.Read(index, file.Length) : RecordIndex.Walk(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a record.</summary>
    /// <exception cref="DataSetException">No such key, or damaged.</exception>
    public ImageRecord Read(int key)
    {
        var bytes = ReadWhole(key);
        if (bytes.Length < RecordHeader) throw Wrong(key, $"a record of at least {RecordHeader} bytes", $"{bytes.Length}");
        var header = Parse(key, bytes.AsSpan(0, RecordHeader), bytes.Length, bytes.AsSpan(RecordHeader));
        return new(key, header.Labels, header.Id, header.Id2, bytes[header.ContentAt..]);
    }

    /// <summary>
    /// The first label of a record, which is the person's number, without reading the picture. A negative one means that nobody says who it is.
    /// </summary>
    /// <exception cref="DataSetException">No such key, or damaged.</exception>
    public float ReadLabel(int key) => ReadHeader(key).Labels[0];

    /// <summary>All images in the order of their keys, one in memory at a time.</summary>
    /// <exception cref="DataSetException">While records are taken: a damaged one.</exception>
    public IEnumerable<ImageRecord> ReadImages() => _imageKeys.Select(Read);

    /// <summary>
    /// The images as a data set whose people are named by their labels; of an image with a negative label nobody is known. It closes this file when
    /// it is disposed.
    /// </summary>
    /// <exception cref="DataSetException">No image, a damaged record, or a problem in strict reading.</exception>
    public DataSet ToDataSet(DataSetOptions? options = null)
    {
        options ??= DataSetOptions.Default;
        var problems = new DataProblems();
        if (AnnouncedImages is { } announced && announced != _imageKeys.Length)
            problems.Add(DataProblemKind.WrongCount, Path, $"record 0 announces {announced} images, and there are {_imageKeys.Length}");
        if (_imageKeys.Length == 0) throw new DataSetException(Path, null, "images", "none");
        var names = new Dictionary<float, string>();
        var images = new DataImage[_imageKeys.Length];
        var unknown = 0;
        for (var i = 0; i < images.Length; i++)
        {
            var label = ReadLabel(_imageKeys[i]);
            if (!float.IsFinite(label)) throw Wrong(_imageKeys[i], "a label that is a number", $"{label}");
            string? name = null;
            if (label < 0) unknown++;
            else if (!names.TryGetValue(label, out name)) names.Add(label, name = label.ToString(CultureInfo.InvariantCulture));
            images[i] = new RecordImage(_imageKeys[i].ToString(CultureInfo.InvariantCulture), name, this, _imageKeys[i]);
        }
        if (unknown > 0)
            problems.Add(DataProblemKind.UnknownPerson, Path,
                $"nobody says whom {unknown} of {images.Length} images show: their labels are negative");
        problems.ThrowIfStrict(options, Path);
        return new(Path, "RecordIO", images, problems, this);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    readonly record struct Header(uint Flag, float[] Labels, ulong Id, ulong Id2, int ContentAt);

    // Without the content: labels that are cut by a part's end are rare, and then the whole record is read.
    Header ReadHeader(int key)
    {
        var offset = OffsetOf(key);
        var (flag, length) = ReadPart(_file, offset);
        if (flag == 0 && length >= RecordHeader)
        {
            Span<byte> header = stackalloc byte[RecordHeader];
            _file.Read(offset + PartHeader, header);
            var labels = new byte[Math.Min(LabelBytes(header), length - RecordHeader)];
            _file.Read(offset + PartHeader + RecordHeader, labels);
            return Parse(key, header, length, labels);
        }
        var bytes = ReadWhole(key);
        return bytes.Length < RecordHeader ? throw Wrong(key, $"a record of at least {RecordHeader} bytes", $"{bytes.Length}")
            : Parse(key, bytes.AsSpan(0, RecordHeader), bytes.Length, bytes.AsSpan(RecordHeader));
    }

    static int LabelBytes(ReadOnlySpan<byte> header)
        => (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(header), MaxLabels + 1) * sizeof(float);

    Header Parse(int key, ReadOnlySpan<byte> header, int length, ReadOnlySpan<byte> behind)
    {
        var flag = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (flag > MaxLabels) throw Wrong(key, $"at most {MaxLabels} labels", $"{flag}");
        var labelBytes = LabelBytes(header);
        if (labelBytes > length - RecordHeader) throw Wrong(key, $"{flag} labels", $"a record of {length} bytes");
        float[] labels = flag == 0 ? [BinaryPrimitives.ReadSingleLittleEndian(header[4..])]
            : MemoryMarshal.Cast<byte, float>(behind[..labelBytes]).ToArray();
        return new(flag, labels,
            BinaryPrimitives.ReadUInt64LittleEndian(header[8..]), BinaryPrimitives.ReadUInt64LittleEndian(header[16..]), RecordHeader + labelBytes);
    }

    // A record in several parts was cut where its content holds the magic number at a multiple of four; it stands for the cut.
    byte[] ReadWhole(int key)
    {
        var offset = OffsetOf(key);
        var parts = new List<(long At, int Length)>();
        long total = 0;
        for (var at = offset; ;)
        {
            var (flag, length) = ReadPart(_file, at);
            if (flag is 2 or 3 != parts.Count > 0)
                throw Wrong(key, parts.Count > 0 ? "a further part" : "the beginning of a record", $"part {flag} at byte {at}");
            total += length + (parts.Count > 0 ? sizeof(uint) : 0);
            if (total > MaxRecord) throw Wrong(key, $"a record of at most {MaxRecord} bytes", "a longer one");
            parts.Add((at + PartHeader, length));
            if (flag is 0 or 3) break;
            at += PartHeader + (length + 3L & ~3L);
        }
        var bytes = new byte[total];
        var filled = 0;
        foreach (var (at, length) in parts)
        {
            if (at != parts[0].At)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(filled), Magic);
                filled += sizeof(uint);
            }
            _file.Read(at, bytes.AsSpan(filled, length));
            filled += length;
        }
        return bytes;
    }

    /// <summary>The head of a part: where it stands in its record, and its length, which lies inside the file.</summary>
    internal static (int Flag, int Length) ReadPart(DataFile file, long at)
    {
        Span<byte> head = stackalloc byte[PartHeader];
        file.Read(at, head);
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(head);
        if (magic != Magic) throw new DataSetException(file.Path, $"byte {at}", $"RecordIO's magic number 0x{Magic:x8}", $"0x{magic:x8}");
        var word = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        var (flag, length) = ((int)(word >> 29), (int)(word & (1u << 29) - 1));
        if (flag > 3) throw new DataSetException(file.Path, $"byte {at}", "a part of kind 0 to 3", $"{flag}");
        return length <= file.Length - at - PartHeader ? (flag, length)
            : throw new DataSetException(file.Path, $"byte {at}", $"a record of {length} bytes",
                $"{file.Length - at - PartHeader} bytes to the file's end");
    }

    long OffsetOf(int key) => _index.OffsetOf(key) ?? throw new DataSetException(Path, $"key {key}", "a record", "none in the index");

    DataSetException Wrong(int key, string expected, string found) => new(Path, $"record {key}", expected, found);
}
