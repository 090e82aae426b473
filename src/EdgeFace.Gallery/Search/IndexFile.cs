using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace EdgeFace.Gallery.Search;

/// <summary>The file of an index cannot be used; the index is built from the store instead.</summary>
sealed class IndexFileException(string message) : GalleryException(message);

/// <summary>
/// The file of an index. A header of <see cref="HeaderBytes"/> bytes: <c>EFINDEX2</c>, rank (int32), chunks (int32), step of the bytes
/// (double), samples (int64), highest number (int64), bytes that follow (int64), the store's tag (32 bytes), checksum of the header (uint64).
/// Then the chunks: rows (int64), first number (int64), checksum (uint64); numbers less the first (uint32 each), bits of the rows alive
/// (uint32 for 32 rows), residuals (a byte each), blocks of bytes (see <see cref="ScanKernel"/>). All little-endian. The checksums find
/// accidents; they are no seal.
/// </summary>
static unsafe class IndexFile
{
    public const int TagBytes = 32;

    const int HeaderBytes = 88, ChunkHeaderBytes = 24;

    static ReadOnlySpan<byte> Magic => "EFINDEX2"u8;

    public static void Write(Stream to, int rank, IReadOnlyList<RowChunk> chunks, long count, long lastSampleId, ReadOnlySpan<byte> tag)
    {
        if (tag.Length != TagBytes) throw new ArgumentException($"a tag has {TagBytes} bytes, not {tag.Length}", nameof(tag));
        Span<byte> header = stackalloc byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], rank);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], chunks.Count);
        BinaryPrimitives.WriteDoubleLittleEndian(header[16..], RowCode.Step(rank));
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], count);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], lastSampleId);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], chunks.Sum(c => ChunkBytes(c.Used, rank)));
        tag.CopyTo(header[48..]);
        BinaryPrimitives.WriteUInt64LittleEndian(header[80..], Checksum(header[..80], 0));
        to.Write(header);
        foreach (var chunk in chunks)
        {
            BinaryPrimitives.WriteInt64LittleEndian(header, chunk.Used);
            BinaryPrimitives.WriteInt64LittleEndian(header[8..], chunk.FirstId);
            BinaryPrimitives.WriteUInt64LittleEndian(header[16..], Checksum(chunk, rank));
            to.Write(header[..ChunkHeaderBytes]);
            for (var part = 0; part < Parts; part++) to.Write(Part(chunk, rank, part));
        }
    }

    public static (List<RowChunk> Chunks, long Count, long LastSampleId) Read(Stream from, int rank, ReadOnlySpan<byte> tag)
    {
        if (tag.Length != TagBytes) throw new ArgumentException($"a tag has {TagBytes} bytes, not {tag.Length}", nameof(tag));
        Span<byte> header = stackalloc byte[HeaderBytes];
        Fill(from, header, "its header");
        if (!header.StartsWith(Magic)) throw new IndexFileException("the index file is of another format or version");
        if (BinaryPrimitives.ReadUInt64LittleEndian(header[80..]) != Checksum(header[..80], 0))
            throw new IndexFileException("the index file is damaged: the checksum of its header is wrong");
        if (BinaryPrimitives.ReadInt32LittleEndian(header[8..]) is var stored && stored != rank)
            throw new IndexFileException($"the index file has rank {stored}, the gallery has {rank}");
        if (BinaryPrimitives.ReadDoubleLittleEndian(header[16..]) != RowCode.Step(rank))
            throw new IndexFileException("the index file was made with another step");
        if (!header.Slice(48, TagBytes).SequenceEqual(tag)) throw new IndexFileException("the index file is of another state of the gallery");
        var count = BinaryPrimitives.ReadInt64LittleEndian(header[24..]);
        var last = BinaryPrimitives.ReadInt64LittleEndian(header[32..]);
        var left = BinaryPrimitives.ReadInt64LittleEndian(header[40..]);
        if (from.CanSeek && from.Length - from.Position != left)
            throw new IndexFileException($"the index file is damaged: {from.Length - from.Position} bytes follow the header, not {left}");
        var chunks = new List<RowChunk>();
        var sums = new List<ulong>();
        for (var c = BinaryPrimitives.ReadInt32LittleEndian(header[12..]); c > 0; c--)
        {
            Fill(from, header[..ChunkHeaderBytes], $"chunk {chunks.Count}");
            var rows = BinaryPrimitives.ReadInt64LittleEndian(header);
            if (rows is < 1 or > RowChunk.Rows || (left -= ChunkBytes((int)rows, rank)) < 0)
                throw new IndexFileException($"the index file is damaged: chunk {chunks.Count} says that it has {rows} rows");
            var chunk = new RowChunk(rank, BinaryPrimitives.ReadInt64LittleEndian(header[8..])) { Used = (int)rows };
            for (var part = 0; part < Parts; part++) Fill(from, Part(chunk, rank, part), $"chunk {chunks.Count}");
            sums.Add(BinaryPrimitives.ReadUInt64LittleEndian(header[16..]));
            chunks.Add(chunk);
        }
        if (left != 0 || from.ReadByte() >= 0) throw new IndexFileException("the index file is damaged: bytes follow the last chunk");
        var whole = new bool[chunks.Count];
        Parallel.For(0, chunks.Count, c =>
        {
            whole[c] = Checksum(chunks[c], rank) == sums[c];
            if (whole[c]) chunks[c].FindBlockResiduals();
        });
        for (var c = 0; c < chunks.Count; c++)
        {
            if (!whole[c]) throw new IndexFileException($"the index file is damaged: the checksum of chunk {c} is wrong");
            if (!Ascends(chunks[c], c > 0 ? chunks[c - 1].LastId : null))
                throw new IndexFileException($"the index file is damaged: the rows of chunk {c} are not in order");
        }
        if (chunks.Sum(c => c.CountAlive()) != count || (chunks.Count > 0 && chunks[^1].LastId > last))
            throw new IndexFileException("the index file is damaged: its header counts otherwise than its chunks");
        return (chunks, count, last);
    }

    const int Parts = 4;

    static Span<byte> Part(RowChunk chunk, int rank, int part) => part switch
    {
        0 => MemoryMarshal.AsBytes(chunk.Offsets.AsSpan(0, chunk.Used)),
        1 => MemoryMarshal.AsBytes(chunk.Alive.AsSpan(0, chunk.Blocks)),
        2 => chunk.Residuals.AsSpan(0, chunk.Used),
        _ => new(chunk.Codes, chunk.Blocks * RowChunk.BlockRows * RowChunk.RowBytes(rank)),
    };

    static long ChunkBytes(int rows, int rank)
    {
        var blocks = (rows + RowChunk.BlockRows - 1) / RowChunk.BlockRows;
        return ChunkHeaderBytes + rows * (sizeof(uint) + 1) + (long)blocks * (sizeof(uint) + RowChunk.BlockRows * RowChunk.RowBytes(rank));
    }

    static void Fill(Stream from, Span<byte> to, string what)
    {
        if (from.ReadAtLeast(to, to.Length, throwOnEndOfStream: false) < to.Length)
            throw new IndexFileException($"the index file is damaged: it ends within {what}");
    }

    static bool Ascends(RowChunk chunk, long? before)
    {
        if (chunk.FirstId <= before || chunk.Offsets[0] != 0 || chunk.FirstId > long.MaxValue - chunk.Offsets[chunk.Used - 1]) return false;
        for (var row = 1; row < chunk.Used; row++)
            if (chunk.Offsets[row] <= chunk.Offsets[row - 1]) return false;
        var tail = chunk.Used % RowChunk.BlockRows;
        return tail == 0 || chunk.Alive[chunk.Blocks - 1] >> tail == 0;
    }

    static ulong Checksum(RowChunk chunk, int rank)
    {
        var sum = (ulong)chunk.FirstId * 0x9E3779B97F4A7C15 ^ (ulong)chunk.Used;
        for (var part = 0; part < Parts; part++) sum = Checksum(Part(chunk, rank, part), sum);
        return sum;
    }

    /// <summary>Four lanes of multiply and rotate, each step one to one, so that a change within any eight bytes is seen.</summary>
    public static ulong Checksum(ReadOnlySpan<byte> bytes, ulong seed)
    {
        const ulong odd = 0x9E3779B97F4A7C15;
        ulong a = seed + odd, b = seed ^ odd, c = seed, d = ~seed;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        var w = 0;
        for (; w <= words.Length - 4; w += 4)
        {
            a = BitOperations.RotateLeft((a ^ words[w]) * odd, 29);
            b = BitOperations.RotateLeft((b ^ words[w + 1]) * odd, 29);
            c = BitOperations.RotateLeft((c ^ words[w + 2]) * odd, 29);
            d = BitOperations.RotateLeft((d ^ words[w + 3]) * odd, 29);
        }
        for (; w < words.Length; w++) a = BitOperations.RotateLeft((a ^ words[w]) * odd, 29);
        foreach (var rest in bytes[(words.Length * sizeof(ulong))..]) a = BitOperations.RotateLeft((a ^ rest) * odd, 29);
        foreach (var lane in (ReadOnlySpan<ulong>)[b, c, d, (ulong)bytes.Length]) a = BitOperations.RotateLeft((a ^ lane) * odd, 29);
        return a ^ a >> 32;
    }
}
