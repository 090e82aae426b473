using System.Buffers.Binary;
using System.Text;

namespace EdgeFace.Weights;

/// <summary>
/// Writes a zip archive as torch.save does: entries as they are, each beginning at a multiple of 64 bytes, so that a reader may map them. Names are
/// ASCII.
/// </summary>
sealed class StoredZipWriter(Stream stream)
{
    const int Alignment = 64, ExtraHeader = 4;
    const ushort Version = 20, Padding = 0x4246;

    // The first day that zip can name: what is written does not depend on when.
    const uint Day = 0x00210000;

    readonly List<byte[]> _directory = [];
    long _at;

    /// <summary>Adds an entry.</summary>
    /// <exception cref="ArgumentException">The archive would exceed the 4 GiB that plain zip holds.</exception>
    public void Add(string name, ReadOnlySpan<byte> content)
    {
        if (_at + content.Length > uint.MaxValue - (1 << 20))
            throw new ArgumentException("a zip archive without extensions holds at most 4 GiB", nameof(content));
        var title = Encoding.ASCII.GetBytes(name);
        var unpadded = _at + StoredZip.EntryBytes + title.Length + ExtraHeader;
        var extra = new byte[ExtraHeader + (int)((Alignment - unpadded % Alignment) % Alignment)];
        BinaryPrimitives.WriteUInt16LittleEndian(extra, Padding);
        BinaryPrimitives.WriteUInt16LittleEndian(extra.AsSpan(2), (ushort)(extra.Length - ExtraHeader));
        // Version, flags, method, time and day, checksum, sizes, length of the name: the same in both headers.
        var common = new byte[24];
        BinaryPrimitives.WriteUInt16LittleEndian(common, Version);
        BinaryPrimitives.WriteUInt32LittleEndian(common.AsSpan(6), Day);
        BinaryPrimitives.WriteUInt32LittleEndian(common.AsSpan(10), StoredZip.Crc32(content));
        BinaryPrimitives.WriteInt32LittleEndian(common.AsSpan(14), content.Length);
        BinaryPrimitives.WriteInt32LittleEndian(common.AsSpan(18), content.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(common.AsSpan(22), (ushort)title.Length);

        var local = new byte[StoredZip.EntryBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(local, StoredZip.EntryMark);
        common.CopyTo(local, 4);
        BinaryPrimitives.WriteUInt16LittleEndian(local.AsSpan(28), (ushort)extra.Length);

        var listed = new byte[StoredZip.DirectoryBytes + title.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(listed, StoredZip.DirectoryMark);
        BinaryPrimitives.WriteUInt16LittleEndian(listed.AsSpan(4), Version);
        common.CopyTo(listed, 6);
        BinaryPrimitives.WriteUInt32LittleEndian(listed.AsSpan(42), (uint)_at);
        title.CopyTo(listed, StoredZip.DirectoryBytes);
        _directory.Add(listed);

        Write(local);
        Write(title);
        Write(extra);
        Write(content);
    }

    /// <summary>Writes the directory, after which nothing may be added.</summary>
    public void Finish()
    {
        var end = new byte[StoredZip.EndBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(end, StoredZip.EndMark);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(8), (ushort)_directory.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(10), (ushort)_directory.Count);
        BinaryPrimitives.WriteInt32LittleEndian(end.AsSpan(12), _directory.Sum(d => d.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(16), (uint)_at);
        foreach (var entry in _directory) Write(entry);
        Write(end);
    }

    void Write(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        _at += bytes.Length;
    }
}
