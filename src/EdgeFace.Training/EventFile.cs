using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace EdgeFace.Training;

/// <summary>
/// Numbers of a run as event files of TensorBoard, in the folder of the run, a file for each session: records of TensorFlow (length, checksum,
/// content, checksum) that hold its messages Event, Summary and SessionLog. A session that goes on from a checkpoint begins by telling that what
/// came behind it no longer counts.
/// </summary>
sealed class EventFile
{
    const string Prefix = "events.out.tfevents.", Suffix = ".edgeface-train";

    // Of protocol buffers: field numbers of TensorFlow's event.proto and summary.proto, times 8, plus the kind of value.
    const byte WallTime = 1 << 3 | Fixed64, StepOf = 2 << 3 | Varint, FileVersion = 3 << 3 | Bytes;
    const byte SummaryOf = 5 << 3 | Bytes, SessionLog = 7 << 3 | Bytes;
    const byte Value = 1 << 3 | Bytes, Tag = 1 << 3 | Bytes, SimpleValue = 2 << 3 | Fixed32, Status = 1 << 3 | Varint;
    const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5, Started = 1;

    readonly string _folder;
    readonly long? _reached;
    string? _path;

    /// <param name="folder">The folder of the run.</param>
    /// <param name="reached">Views of the checkpoint that the run goes on from; null where it begins, and no file of an earlier run counts.</param>
    public EventFile(string folder, long? reached)
    {
        (_folder, _reached) = (folder, reached);
        if (reached is null)
            foreach (var old in Files(folder)) File.Delete(old);
    }

    /// <summary>The event files of a run, oldest first.</summary>
    public static IReadOnlyList<string> Files(string folder) => [.. Directory.GetFiles(folder, Prefix + "*" + Suffix).Order(StringComparer.Ordinal)];

    /// <summary>Writes values as one event.</summary>
    /// <param name="step">Where they stand on the axis.</param>
    /// <param name="values">With their tags; null is left out.</param>
    public void Add(long step, IEnumerable<(string Tag, double? Value)> values)
    {
        var summary = new List<byte>();
        Span<byte> number = stackalloc byte[sizeof(float)];
        foreach (var (tag, value) in values)
        {
            if (value is null) continue;
            var content = new List<byte>();
            Put(content, Tag, Encoding.UTF8.GetBytes(tag));
            content.Add(SimpleValue);
            BinaryPrimitives.WriteSingleLittleEndian(number, (float)value.Value);
            content.AddRange(number);
            Put(summary, Value, content);
        }
        using var file = new FileStream(_path ?? Create(), FileMode.Append, FileAccess.Write, FileShare.Read);
        Write(file, step, SummaryOf, summary);
    }

    // Named so that files sort as they were written, whatever the clock says.
    string Create()
    {
        var last = Files(_folder).Select(f => Path.GetFileName(f)[Prefix.Length..^Suffix.Length])
            .Select(t => long.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : 0).DefaultIfEmpty().Max();
        var time = Math.Max(DateTimeOffset.UtcNow.ToUnixTimeSeconds(), last + 1);
        _path = Path.Combine(_folder, FormattableString.Invariant($"{Prefix}{time}{Suffix}"));
        using var file = File.Create(_path);
        Write(file, 0, FileVersion, "brain.Event:2"u8.ToArray());
        if (_reached is { } views) Write(file, views + 1, SessionLog, [Status, Started]);
        return _path;
    }

    static void Write(FileStream file, long step, byte field, IReadOnlyCollection<byte> content)
    {
        var message = new List<byte> { WallTime };
        Span<byte> eight = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteDoubleLittleEndian(eight, (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds);
        message.AddRange(eight);
        message.Add(StepOf);
        PutVarint(message, (ulong)step);
        Put(message, field, content);

        byte[] bytes = [.. message], record = new byte[sizeof(ulong) + sizeof(uint) + bytes.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)bytes.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedChecksum(record.AsSpan(0, 8)));
        bytes.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + bytes.Length), MaskedChecksum(bytes));
        // At once, so that a kill cuts off the last record at most.
        file.Write(record);
    }

    static void Put(List<byte> to, byte field, IReadOnlyCollection<byte> content)
    {
        to.Add(field);
        PutVarint(to, (ulong)content.Count);
        to.AddRange(content);
    }

    static void PutVarint(List<byte> to, ulong value)
    {
        for (; value >= 0x80; value >>= 7) to.Add((byte)(value | 0x80));
        to.Add((byte)value);
    }

    /// <summary>CRC-32C, turned and shifted by a constant, as TensorFlow's records have it.</summary>
    internal static uint MaskedChecksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }
}
