using Tensorboard;

namespace EdgeFace.Training.Tests;

/// <summary>Reads event files as TensorBoard does: the records by their definition, bit by bit, and the messages by TensorFlow's own classes, which
/// TorchSharp carries.</summary>
static class EventReader
{
    const uint Polynomial = 0x82f63b78; // Castagnoli's, turned round

    /// <summary>The events of a file; those before a record that is cut off.</summary>
    public static IReadOnlyList<Event> Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        List<Event> events = [];
        for (var at = 0; at + 12 <= bytes.Length;)
        {
            var length = (int)BitConverter.ToUInt64(bytes, at);
            if (at + 16 + length > bytes.Length) break;
            Assert.Equal(Checksum(bytes.AsSpan(at, 8)), BitConverter.ToUInt32(bytes, at + 8));
            Assert.Equal(Checksum(bytes.AsSpan(at + 12, length)), BitConverter.ToUInt32(bytes, at + 12 + length));
            events.Add(Event.Parser.ParseFrom(bytes.AsSpan(at + 12, length).ToArray()));
            at += 16 + length;
        }
        return events;
    }

    /// <summary>What TensorBoard shows of a run: by tag the values over steps. What stands behind the step of a start no longer counts.</summary>
    public static Dictionary<string, List<(long Step, float Value)>> Curves(string folder)
    {
        Dictionary<string, List<(long Step, float Value)>> curves = [];
        foreach (var file in Directory.GetFiles(folder, "events.out.tfevents.*").Order(StringComparer.Ordinal))
            foreach (var e in Read(file))
            {
                if (e.SessionLog is { Status: SessionLog.Types.SessionStatus.Start })
                    foreach (var curve in curves.Values) curve.RemoveAll(p => p.Step >= e.Step);
                foreach (var value in e.Summary?.Value ?? [])
                {
                    if (!curves.TryGetValue(value.Tag, out var curve)) curves.Add(value.Tag, curve = []);
                    curve.Add((e.Step, value.SimpleValue));
                }
            }
        return curves;
    }

    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = Plain(bytes);
        return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8);
    }

    public static uint Plain(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ Polynomial;
        }
        return ~crc;
    }
}
