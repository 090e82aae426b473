using System.Numerics;
using System.Numerics.Tensors;

namespace EdgeFace.Gallery.Search;

/// <summary>
/// Rows of bytes in blocks, their numbers ascending. Memory is reserved when the chunk begins and touched as rows come. A removed row is zeroed
/// and no longer alive; its place stays.
/// </summary>
sealed unsafe class RowChunk
{
    /// <summary>Rows of a block; a bit for each makes 32 bits.</summary>
    public const int BlockRows = 32;

    /// <summary>The byte that stands for the code zero.</summary>
    public const byte Zero = 1 << ZeroBit;

    public const int ZeroBit = 7;

    /// <summary>Rows of a chunk.</summary>
    public const int Rows = 1 << 14;

    const int Alignment = 64;

    readonly byte[] _codes;
    readonly int _rowBytes;

    public RowChunk(int rank, long firstId)
    {
        FirstId = firstId;
        _rowBytes = RowBytes(rank);
        // Pinned and never cleared as a whole: no finaliser, and no page is used before a row needs it.
        _codes = GC.AllocateUninitializedArray<byte>(Rows * _rowBytes + Alignment, pinned: true);
        fixed (byte* start = _codes) Codes = (byte*)(((nint)start + Alignment - 1) & -Alignment);
    }

    public static int RowBytes(int rank) => (rank + 3) / 4 * 4;

    public long FirstId { get; }

    /// <summary>Rows used, dead ones included.</summary>
    public int Used { get; set; }

    public int Blocks => (Used + BlockRows - 1) / BlockRows;

    /// <summary>Blocks one after the other; a block is fours of values, four of every row. A byte is a code and <see cref="Zero"/>.</summary>
    public byte* Codes { get; }

    /// <summary>Number of each row less <see cref="FirstId"/>.</summary>
    public uint[] Offsets { get; } = new uint[Rows];

    /// <summary>Code of the residual of each row.</summary>
    public byte[] Residuals { get; } = new byte[Rows];

    /// <summary>The largest of a block's residuals.</summary>
    public byte[] BlockResiduals { get; } = new byte[Rows / BlockRows];

    /// <summary>A bit for each row of a block.</summary>
    public uint[] Alive { get; } = new uint[Rows / BlockRows];

    public long LastId => FirstId + Offsets[Used - 1];

    public long Bytes => _codes.Length + Rows * (sizeof(uint) + 1) + Rows / BlockRows * (sizeof(uint) + 1);

    public int CountAlive()
    {
        var count = 0;
        for (var b = 0; b < Blocks; b++) count += BitOperations.PopCount(Alive[b]);
        return count;
    }

    /// <summary>Whether a row of that number, higher than all before, fits in.</summary>
    public bool Takes(long id) => Used < Rows && (ulong)(id - FirstId) <= uint.MaxValue;

    public void Add(long id, ReadOnlySpan<sbyte> codes, byte residual)
    {
        int row = Used, block = row / BlockRows;
        if (row % BlockRows == 0) new Span<byte>(Codes + (long)row * _rowBytes, BlockRows * _rowBytes).Fill(Zero);
        var to = Row(row);
        for (var i = 0; i < codes.Length; i++) to[At(i)] = (byte)(codes[i] + Zero);
        Offsets[row] = (uint)(id - FirstId);
        Residuals[row] = residual;
        BlockResiduals[block] = Math.Max(BlockResiduals[block], residual);
        Alive[block] |= 1u << row % BlockRows;
        Used++;
    }

    /// <summary>The row of a number, or -1.</summary>
    public int Find(long id)
    {
        if (id < FirstId || (ulong)(id - FirstId) > uint.MaxValue) return -1;
        var row = Offsets.AsSpan(0, Used).BinarySearch((uint)(id - FirstId));
        return row >= 0 && IsAlive(row) ? row : -1;
    }

    public bool IsAlive(int row) => (Alive[row / BlockRows] >> row % BlockRows & 1) != 0;

    public void Read(int row, Span<sbyte> codes)
    {
        var from = Row(row);
        for (var i = 0; i < codes.Length; i++) codes[i] = (sbyte)(from[At(i)] - Zero);
    }

    public void Remove(int row)
    {
        var to = Row(row);
        for (var i = 0; i < _rowBytes; i++) to[At(i)] = Zero;
        Residuals[row] = 0;
        Alive[row / BlockRows] &= ~(1u << row % BlockRows);
        FindBlockResidual(row / BlockRows);
    }

    public void FindBlockResiduals()
    {
        for (var b = 0; b < Blocks; b++) FindBlockResidual(b);
    }

    void FindBlockResidual(int block) => BlockResiduals[block] = TensorPrimitives.Max<byte>(Residuals.AsSpan(block * BlockRows, BlockRows));

    byte* Row(int row) => Codes + (long)(row / BlockRows) * BlockRows * _rowBytes + 4 * (row % BlockRows);

    static int At(int value) => value / 4 * 4 * BlockRows + value % 4;
}
