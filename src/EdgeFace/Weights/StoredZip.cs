using System.Buffers.Binary;
using System.Text;

namespace EdgeFace.Weights;

/// <summary>
/// A zip archive in memory whose entries are stored, not compressed, as torch.save writes it. An entry is a part of that memory: nothing is copied
/// or unpacked, so that no archive can grow.
/// </summary>
sealed unsafe class StoredZip
{
    public const uint EntryMark = 0x04034B50, DirectoryMark = 0x02014B50, EndMark = 0x06054B50;
    public const int EntryBytes = 30, DirectoryBytes = 46, EndBytes = 22;
    const int MaxComment = ushort.MaxValue;

    static readonly uint[] CrcTable = MakeCrcTable();

    readonly record struct Place(uint Local, uint Bytes, uint Crc, ushort Method, ushort Flags);

    readonly Dictionary<string, Place> _entries = new(StringComparer.Ordinal);
    readonly byte* _data;
    readonly long _length;
    readonly string _source;
    readonly ReadBudget _budget;

    /// <exception cref="ModelFormatException">No archive, or one whose directory does not hold together.</exception>
    public StoredZip(byte* data, long length, string source, ReadBudget budget)
    {
        _data = data;
        (_length, _source, _budget) = (length, source, budget);
        var end = FindEnd();
        int count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]), offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        if (offset + (long)size > length || size > int.MaxValue)
            throw new ModelFormatException(source, null, $"a zip directory inside the {length} bytes", $"{size} bytes at {offset}");
        var directory = new ReadOnlySpan<byte>(data + offset, (int)size);
        for (var i = 0; i < count; i++)
        {
            if (directory.Length < DirectoryBytes || BinaryPrimitives.ReadUInt32LittleEndian(directory) != DirectoryMark)
                throw new ModelFormatException(source, null, $"{count} entries in the zip directory", $"{i}");
            int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(directory[28..]);
            var next = DirectoryBytes + nameLength + BinaryPrimitives.ReadUInt16LittleEndian(directory[30..])
                + BinaryPrimitives.ReadUInt16LittleEndian(directory[32..]);
            if (next > directory.Length)
                throw new ModelFormatException(source, null, $"{count} entries in the zip directory", $"{i} and a part of one");
            budget.Spend(200 + 4 * nameLength);
            var name = Encoding.UTF8.GetString(directory.Slice(DirectoryBytes, nameLength));
            var place = new Place(BinaryPrimitives.ReadUInt32LittleEndian(directory[42..]), BinaryPrimitives.ReadUInt32LittleEndian(directory[24..]),
                BinaryPrimitives.ReadUInt32LittleEndian(directory[16..]), BinaryPrimitives.ReadUInt16LittleEndian(directory[10..]),
                BinaryPrimitives.ReadUInt16LittleEndian(directory[8..]));
            if (!_entries.TryAdd(name, place)) throw new ModelFormatException(source, null, $"one zip entry '{name}'", "two");
            directory = directory[next..];
        }
    }

    public IEnumerable<string> Names => _entries.Keys;

    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>Start and length of an entry's bytes, whose checksum is right.</summary>
    /// <exception cref="ModelFormatException">It is compressed, encrypted, damaged or not inside the file.</exception>
    public (nint Start, int Bytes) Open(string name)
    {
        var (local, bytes, crc, method, flags) = _entries[name];
        if (method != 0 || (flags & 1) != 0)
            throw Bad("stored as it is, as torch.save writes it", (flags & 1) != 0 ? "an encrypted one" : $"one compressed by method {method}");
        if (local + (long)EntryBytes > _length) throw Bad($"inside the {_length} bytes", $"a header at {local}");
        var header = new ReadOnlySpan<byte>(_data + local, EntryBytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != EntryMark) throw Bad($"with its header at byte {local}", "other content");
        var start = local + (long)EntryBytes + BinaryPrimitives.ReadUInt16LittleEndian(header[26..])
            + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        if (start + bytes > _length || bytes > int.MaxValue) throw Bad($"inside the {_length} bytes", $"{bytes} bytes at {start}");
        // Entries may overlap: the budget bounds the reading as well.
        _budget.Spend(bytes);
        var found = Crc32(new ReadOnlySpan<byte>(_data + start, (int)bytes));
        return found == crc ? ((nint)(_data + start), (int)bytes) : throw Bad($"with checksum {crc:x8}", $"{found:x8}: the file is damaged");

        ModelFormatException Bad(string expected, string what) => new(_source, null, $"a zip entry '{name}' {expected}", what);
    }

    ReadOnlySpan<byte> FindEnd()
    {
        for (var at = _length - EndBytes; at >= Math.Max(0, _length - EndBytes - MaxComment); at--)
        {
            var end = new ReadOnlySpan<byte>(_data + at, EndBytes);
            if (BinaryPrimitives.ReadUInt32LittleEndian(end) == EndMark
                && at + EndBytes + BinaryPrimitives.ReadUInt16LittleEndian(end[20..]) == _length)
                return end;
        }
        throw new ModelFormatException(_source, null, "a zip archive with its directory at the end", "none: the file is cut off or damaged");
    }

    public static uint Crc32(ReadOnlySpan<byte> data)
    {
        var crc = ~0u;
        foreach (var b in data) crc = CrcTable[(byte)(crc ^ b)] ^ crc >> 8;
        return ~crc;
    }

    static uint[] MakeCrcTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < 256; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
            table[i] = crc;
        }
        return table;
    }
}
