using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using EdgeFace.Evaluation.Data;
using EdgeFace.Files;
using EdgeFace.Vision;
using EdgeFace.Weights;

namespace EdgeFace.Training.Data;

/// <summary>
/// Decoded crops of several sources, one after another. Each source is decoded once into a file of bytes in the cache folder and mapped from
/// there, so the system keeps in memory what it has room for. Any number of threads may read at once.
/// </summary>
sealed unsafe class CropStore : IDisposable
{
    const int Chunk = 512;

    readonly List<(MappedFile File, int Count)> _parts = [];
    readonly List<int> _people = [];

    CropStore() { }

    /// <summary>How many crops there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many people there are, where they are asked for.</summary>
    public int PeopleCount { get; private set; }

    /// <summary>The person of each crop, from 0, where they are asked for; -1 of crops beside them. Two sources have no person in common.</summary>
    public IReadOnlyList<int> People => _people;

    /// <summary>Opens RecordIO files, folders with a folder for each person, and lists of people and images; all pictures are crops of 112 x
    /// 112.</summary>
    /// <param name="cache">A folder for the decoded crops.</param>
    /// <param name="report">Is told what was decoded, and what was left out.</param>
    /// <param name="withPeople">Whether the people are asked for: each crop has to have one.</param>
    /// <param name="beside">Sources of more crops, behind the others, of whom nobody asks who they are.</param>
    /// <exception cref="DataSetException">A source cannot be read, or has no crop.</exception>
    public static CropStore Open(IReadOnlyList<string> sources, string cache, Action<string> report, bool withPeople = false,
        IReadOnlyList<string>? beside = null, CancellationToken stop = default)
    {
        var store = new CropStore();
        try
        {
            Directory.CreateDirectory(cache);
            foreach (var source in sources) store.Add(source, cache, report, withPeople, stop);
            foreach (var source in beside ?? []) store.Add(source, cache, report, withPeople: false, stop);
            if (withPeople) store._people.AddRange(Enumerable.Repeat(-1, store.Count - store._people.Count));
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>A crop: 112 x 112 x 3 bytes.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            foreach (var (file, count) in _parts)
            {
                if (index < count) return new(file.Pointer + (long)index * FaceEmbedder.CropBytes, FaceEmbedder.CropBytes);
                index -= count;
            }
            throw new ArgumentOutOfRangeException(nameof(index));
        }
    }

    void Add(string source, string cache, Action<string> report, bool withPeople, CancellationToken stop)
    {
        if (!Path.Exists(source))
            throw new DataSetException(source, null, "a file or folder of crops", "nothing there") { Kind = ErrorKind.Request };
        using var set = PeopleSource.Open(source);
        var decoded = Path.Combine(cache, $"{Path.GetFileNameWithoutExtension(source.TrimEnd('/'))}-{Identity(source, set)}.crops");
        var people = decoded + ".people";
        if (!File.Exists(decoded) || withPeople && !File.Exists(people))
        {
            int[] personOf = [];
            AtomicFile.Write(decoded, stream => personOf = Decode(set, stream, report, stop));
            AtomicFile.Write(people, stream => stream.Write(MemoryMarshal.AsBytes<int>(personOf)));
        }
        var file = new MappedFile(decoded);
        var count = (int)(file.Length / FaceEmbedder.CropBytes);
        _parts.Add((file, count));
        Count += count;
        if (withPeople) AddPeople(source, MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(people)), count);
        report($"{source}: {count} crops");
    }

    void AddPeople(string source, ReadOnlySpan<int> personOf, int count)
    {
        if (personOf.Length != count)
            throw new DataSetException(source, null, $"the people of {count} decoded crops", $"those of {personOf.Length}; empty the cache folder");
        // Numbered anew: of some people every picture may have been left out.
        var numbers = new Dictionary<int, int>();
        foreach (var person in personOf)
        {
            if (person < 0)
                throw new DataSetException(source, null, "a person for each crop", "crops of nobody known; labels of RecordIO are 0 or more");
            if (numbers.TryAdd(person, PeopleCount)) PeopleCount++;
            _people.Add(numbers[person]);
        }
    }

    // Another file, or one that was changed, is decoded anew.
    static string Identity(string source, DataSet set)
    {
        var changed = File.Exists(source) ? new FileInfo(source).Length : set.Images.Sum(i => i.Path is { } path ? new FileInfo(path).Length : 0);
        var text = $"{Path.GetFullPath(source)}\n{File.GetLastWriteTimeUtc(source):O}\n{changed}\n{set.Images.Count}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }

    static int[] Decode(DataSet set, Stream stream, Action<string> report, CancellationToken stop)
    {
        var crops = new byte[Chunk][];
        var people = new List<int>();
        int left = 0, written = 0;
        for (var from = 0; from < set.Images.Count; from += Chunk)
        {
            stop.ThrowIfCancellationRequested();
            var count = Math.Min(Chunk, set.Images.Count - from);
            Parallel.For(0, count, i => crops[i] = CropOf(set.Images[from + i])!);
            for (var i = 0; i < count; i++)
            {
                if (crops[i] is null)
                {
                    left++;
                    continue;
                }
                stream.Write(crops[i]);
                people.Add(set.PersonOf[from + i]);
            }
            written += count;
            if (from % (40 * Chunk) == 0 && from > 0) report($"{set.Source}: {written} of {set.Images.Count} pictures decoded");
        }
        if (left == set.Images.Count)
            throw new DataSetException(set.Source, null, $"crops of {FaceEmbedder.CropSize} x {FaceEmbedder.CropSize}", "none that can be used");
        if (left > 0) report($"{set.Source}: {left} pictures left out: unreadable, or not {FaceEmbedder.CropSize} x {FaceEmbedder.CropSize}");
        return [.. people];
    }

    /// <summary>The bytes of a picture; null where it is unreadable or no crop.</summary>
    public static byte[]? CropOf(DataImage image)
    {
        try
        {
            var picture = ImageCodec.Decode(image.Read(), source: image.Name);
            return picture is { Width: FaceEmbedder.CropSize, Height: FaceEmbedder.CropSize } ? picture.Pixels.ToArray() : null;
        }
        catch (EdgeFaceException e) when (e.Kind == ErrorKind.Input)
        {
            return null;
        }
    }

    public void Dispose()
    {
        foreach (var (file, _) in _parts) file.Dispose();
    }
}
