using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using EdgeFace.Files;

namespace EdgeFace.Weights;

/// <summary>
/// Our own model file, made to be mapped: a fixed header, a table of tensors, the card, and the data of each tensor on a 64-byte boundary, all
/// little-endian and all under CRC-32C. docs/file-format.md is its specification.
/// </summary>
static unsafe class EfwFile
{
    public const int HeaderBytes = 96;
    const uint Version = 1;
    const int Alignment = 64;
    const int MaxRank = 8;
    const int MaxName = 1024;

    // A byte with the high bit set and both kinds of line end: transfers that treat the file as text are noticed.
    static ReadOnlySpan<byte> Magic => [0x89, (byte)'E', (byte)'F', (byte)'W', 0x0D, 0x0A, 0x1A, 0x0A];

    public static bool IsEfw(ReadOnlySpan<byte> start) => start.StartsWith(Magic);

    /// <exception cref="ModelFormatException">Damaged, truncated or hostile.</exception>
    public static TensorSet Read(string path) => Read(new MappedFile(path), path);

    /// <summary>Reads what it then owns; path is its name in messages.</summary>
    public static TensorSet Read(MappedFile file, string path)
    {
        try
        {
            return Read(file.Pointer, file.Length, path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads from memory that owner, or the caller, keeps alive; nothing is copied.</summary>
    public static TensorSet Read(byte* data, long length, string source, IDisposable? owner = null)
    {
        if (length < HeaderBytes) throw new ModelFormatException(source, null, $"a header of {HeaderBytes} bytes", $"a file of {length}");
        var header = new ReadOnlySpan<byte>(data, HeaderBytes);
        if (!IsEfw(header)) throw new ModelFormatException(source, null, "an .efw model", "other content");
        var version = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        if (version != Version)
            throw new ModelFormatException(source, null, $".efw version {Version}", $"version {version}: a newer EdgeFace wrote it");
        var count = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        var declared = BinaryPrimitives.ReadUInt64LittleEndian(header[16..]);
        if (declared != (ulong)length)
            throw new ModelFormatException(source, null, $"{declared} bytes",
                $"{length}: the file is {(declared > (ulong)length ? "cut off" : "too long")}");
        if (header[92..].IndexOfAnyExcept((byte)0) >= 0)
            throw new ModelFormatException(source, null, "a header that ends in zeros", Convert.ToHexStringLower(header[92..]));
        var table = Section(header[24..], "tensor table");
        var card = Section(header[40..], "card");
        var checksum = Crc32C(Crc32C(Crc32C(0, header[..88]), table), card);
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(header[88..]);
        if (checksum != stored)
            throw new ModelFormatException(source, null, $"a header and tensor table with checksum {stored:x8}",
                $"{checksum:x8}: the file is damaged");
        if (card.Length > TensorSet.MaxCardBytes)
            throw new ModelFormatException(source, null, $"a card of at most {TensorSet.MaxCardBytes} bytes", $"{card.Length}");
        var tensors = ReadTable(table, count, data, length, source);
        return new TensorSet(source, tensors, card.Length == 0 ? null : card.ToArray(), Convert.ToHexStringLower(header[56..88]), owner);

        ReadOnlySpan<byte> Section(ReadOnlySpan<byte> at, string what)
        {
            ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(at), size = BinaryPrimitives.ReadUInt64LittleEndian(at[8..]);
            if (offset < HeaderBytes || offset > (ulong)length || size > (ulong)length - offset || size > int.MaxValue)
                throw new ModelFormatException(source, null, $"a {what} inside the {length} bytes", $"{size} bytes at {offset}");
            return new ReadOnlySpan<byte>(data + offset, (int)size);
        }
    }

    static List<Tensor> ReadTable(ReadOnlySpan<byte> table, uint count, byte* data, long length, string source)
    {
        var tensors = new List<Tensor>();
        var budget = new ReadBudget(source, length);
        var at = 0;
        var end = (ulong)HeaderBytes;
        for (var i = 0u; i < count; i++)
        {
            var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(Take(table, 2));
            if (nameLength is 0 or > MaxName)
                throw new ModelFormatException(source, null, $"a tensor name of 1 to {MaxName} bytes", $"{nameLength} at entry {i}");
            budget.Spend(640 + 2 * nameLength);
            var name = Encoding.UTF8.GetString(Take(table, nameLength));
            var fixedPart = Take(table, 4);
            var (type, rank) = ((TensorType)fixedPart[0], fixedPart[1]);
            if (type is not (TensorType.Float32 or TensorType.Float16 or TensorType.Int8))
                throw new ModelFormatException(source, name, "a known type", $"{fixedPart[0]}");
            if (rank > MaxRank) throw new ModelFormatException(source, name, $"up to {MaxRank} dimensions", $"{rank}");
            var shape = new int[rank];
            foreach (ref var dimension in shape.AsSpan()) dimension = BinaryPrimitives.ReadInt32LittleEndian(Take(table, 4));
            var rest = Take(table, 36);
            ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(rest), bytes = BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]);
            ulong scaleOffset = BinaryPrimitives.ReadUInt64LittleEndian(rest[16..]);
            var scaleCount = BinaryPrimitives.ReadUInt32LittleEndian(rest[24..]);
            var zeroPoint = BinaryPrimitives.ReadInt32LittleEndian(rest[28..]);
            var stored = BinaryPrimitives.ReadUInt32LittleEndian(rest[32..]);
            if (!Shapes.TryCount(shape, out var values) || values * Tensor.Size(type) > int.MaxValue || (ulong)(values * Tensor.Size(type)) != bytes)
                throw new ModelFormatException(source, name, $"{bytes} bytes of {type}", $"the shape {Shapes.Text(shape)}");
            if (!Inside(offset, bytes, Alignment) || !Inside(scaleOffset, 4UL * scaleCount, 4))
                throw new ModelFormatException(source, name, $"aligned data inside the {length} bytes",
                    $"{bytes} bytes at {offset}, {scaleCount} scales at {scaleOffset}");
            // In file order and apart, so that checking the checksums costs no more than the file's length.
            if (offset < end || scaleOffset < offset + bytes)
                throw new ModelFormatException(source, name, $"data from byte {end} on, then its scales",
                    $"data at {offset}, scales at {scaleOffset}");
            end = scaleOffset + 4UL * scaleCount;
            if (zeroPoint is < sbyte.MinValue or > sbyte.MaxValue)
                throw new ModelFormatException(source, name, "a zero point of 8 bits", $"{zeroPoint}");
            if (type == TensorType.Int8 ? scaleCount != 1 && (rank == 0 || scaleCount != shape[0]) : scaleCount != 0)
                throw new ModelFormatException(source, name, type == TensorType.Int8 ? "one scale or one per output" : "no scales", $"{scaleCount}");
            var scales = new ReadOnlySpan<byte>(data + scaleOffset, (int)(4 * scaleCount));
            var checksum = Crc32C(Crc32C(0, new ReadOnlySpan<byte>(data + offset, (int)bytes)), scales);
            if (checksum != stored)
                throw new ModelFormatException(source, name, $"data with checksum {stored:x8}", $"{checksum:x8}: the file is damaged");
            tensors.Add(new Tensor(name, shape, type, data + offset, (long)bytes, MemoryMarshal.Cast<byte, float>(scales).ToArray(), zeroPoint));
        }
        if (at != table.Length) throw new ModelFormatException(source, null, $"{count} table entries", $"{table.Length - at} bytes after them");
        return tensors;

        ReadOnlySpan<byte> Take(ReadOnlySpan<byte> from, int bytes)
        {
            if (bytes > from.Length - at)
                throw new ModelFormatException(source, null, $"{count} table entries", $"a table that ends in entry {tensors.Count}");
            at += bytes;
            return from.Slice(at - bytes, bytes);
        }

        bool Inside(ulong offset, ulong bytes, uint alignment)
            => offset % alignment == 0 && offset <= (ulong)length && bytes <= (ulong)length - offset;
    }

    /// <summary>Writes tensors in the given order, with the identity of their values.</summary>
    /// <exception cref="IOException">The file cannot be written; nothing is left behind.</exception>
    public static void Write(string path, IReadOnlyList<Tensor> tensors, ReadOnlySpan<byte> card)
    {
        var cardBytes = card.ToArray();
        var tableLength = tensors.Sum(t => 2 + Encoding.UTF8.GetByteCount(t.Name) + 4 + 4 * t.Shape.Length + 36);
        long tableOffset = HeaderBytes, cardOffset = tableOffset + tableLength, next = cardOffset + cardBytes.Length;
        var places = new (long Data, long Scales)[tensors.Count];
        for (var i = 0; i < tensors.Count; i++)
        {
            places[i].Data = next = (next + Alignment - 1) / Alignment * Alignment;
            places[i].Scales = next = (next + tensors[i].Data.Length + 3) / 4 * 4;
            next += 4 * tensors[i].Scales.Length;
        }
        var table = Table(tensors, places, tableLength);
        var header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), tensors.Count);
        long[] numbers = [next, tableOffset, table.Length, cardOffset, cardBytes.Length];
        for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16 + 8 * i), numbers[i]);
        Convert.FromHexString(WeightIdentity.Sha256(tensors)).CopyTo(header, 56);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(88), Crc32C(Crc32C(Crc32C(0, header.AsSpan(0, 88)), table), cardBytes));
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            stream.Write(table);
            stream.Write(cardBytes);
            var at = cardOffset + cardBytes.Length;
            for (var i = 0; i < tensors.Count; i++)
            {
                PutAt(places[i].Data, tensors[i].Data);
                PutAt(places[i].Scales, MemoryMarshal.AsBytes(tensors[i].Scales));
            }

            // What is written to may be a pipe, which knows no position.
            void PutAt(long place, ReadOnlySpan<byte> bytes)
            {
                for (; at < place; at++) stream.WriteByte(0);
                stream.Write(bytes);
                at += bytes.Length;
            }
        });
    }

    static byte[] Table(IReadOnlyList<Tensor> tensors, (long Data, long Scales)[] places, int length)
    {
        using var memory = new MemoryStream(length);
        using var writer = new BinaryWriter(memory);
        for (var i = 0; i < tensors.Count; i++)
        {
            var tensor = tensors[i];
            var name = Encoding.UTF8.GetBytes(tensor.Name);
            writer.Write(checked((ushort)name.Length));
            writer.Write(name);
            writer.Write((byte)tensor.Type);
            writer.Write((byte)tensor.Shape.Length);
            writer.Write((ushort)0);
            foreach (var dimension in tensor.Shape) writer.Write(dimension);
            writer.Write(places[i].Data);
            writer.Write((long)tensor.Data.Length);
            writer.Write(places[i].Scales);
            writer.Write(tensor.Scales.Length);
            writer.Write(tensor.ZeroPoint);
            writer.Write(Crc32C(Crc32C(0, tensor.Data), MemoryMarshal.AsBytes(tensor.Scales)));
        }
        return memory.ToArray();
    }

    /// <summary>CRC-32C (Castagnoli) by the processor's instruction where it has one. Start with 0; chain by passing the result.</summary>
    internal static uint Crc32C(uint crc, ReadOnlySpan<byte> data)
    {
        crc = ~crc;
        var words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var b in data[(words.Length * sizeof(ulong))..]) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
