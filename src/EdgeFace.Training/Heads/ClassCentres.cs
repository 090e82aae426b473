using System.IO.MemoryMappedFiles;
using EdgeFace.Files;
using EdgeFace.Models;
using EdgeFace.Training.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Heads;

/// <summary>
/// A centre for each person, and the two moments of AdamW of each, in a file that is mapped: the system keeps in memory what it has room for. The
/// file is three tables of people x 512 floats in the machine's order of bytes.
/// </summary>
sealed unsafe class ClassCentres : IDisposable
{
    const int Tables = 3, Chunk = 65536;
    const double Deviation = 0.01;

    static readonly int Width = EdgeFaceConfig.EmbeddingSize, RowBytes = EdgeFaceConfig.EmbeddingSize * sizeof(float);

    readonly MemoryMappedFile _file;
    readonly MemoryMappedViewAccessor _view;
    readonly byte* _data;

    /// <summary>Opens a file of so many people.</summary>
    /// <exception cref="TrainingException">It is of another number of people.</exception>
    public ClassCentres(string path, int people)
    {
        People = people;
        if (new FileInfo(path).Length != Bytes) throw new TrainingException($"{path}: holds other centres than those of {people} people");
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        _view = _file.CreateViewAccessor(0, Bytes);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _data = pointer + _view.PointerOffset;
    }

    /// <summary>How many people there are.</summary>
    public int People { get; }

    long Bytes => (long)People * RowBytes * Tables;

    /// <summary>Writes a new file: normal values of deviation 0.01, no moments.</summary>
    public static void Create(string path, int people, int seed) => AtomicFile.Write(path, stream =>
    {
        var row = new float[Width];
        for (var p = 0; p < people; p++)
        {
            var random = new SeededRandom((ulong)seed, (ulong)p);
            for (var i = 0; i < Width; i++) row[i] = (float)(Deviation * random.Normal());
            stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(row));
        }
        Array.Clear(row);
        for (var p = 0L; p < (long)people * (Tables - 1); p++) stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(row));
    });

    /// <summary>Rows of a table, copied: (rows, 512).</summary>
    /// <param name="table">0 for centres, 1 and 2 for their moments.</param>
    public Tensor Take(int table, IReadOnlyList<int> people)
    {
        var rows = empty([people.Count, Width], dtype: ScalarType.Float32);
        Each(rows, people, (person, row) => new Span<byte>(Row(table, person), RowBytes).CopyTo(row));
        return rows;
    }

    /// <summary>Puts rows back.</summary>
    public void Put(int table, IReadOnlyList<int> people, Tensor rows)
        => Each(rows, people, (person, row) => row.CopyTo(new(Row(table, person), RowBytes)));

    // A span holds no more than 2 GiB.
    static void Each(Tensor rows, IReadOnlyList<int> people, Action<int, Span<byte>> copy)
    {
        for (var from = 0; from < people.Count; from += Chunk)
        {
            using var part = rows.narrow(0, from, Math.Min(Chunk, people.Count - from));
            var bytes = part.bytes;
            for (var i = 0; i < bytes.Length / RowBytes; i++) copy(people[from + i], bytes.Slice(i * RowBytes, RowBytes));
        }
    }

    /// <summary>Writes a copy as it is now; the file appears whole or not at all.</summary>
    public void Save(string path) => AtomicFile.Write(path, stream =>
    {
        using var all = new UnmanagedMemoryStream(_data, Bytes);
        all.CopyTo(stream, 1 << 20);
    });

    byte* Row(int table, int person) => _data + ((long)table * People + person) * RowBytes;

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
