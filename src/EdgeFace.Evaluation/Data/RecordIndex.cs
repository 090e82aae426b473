using System.Buffers.Binary;
using System.Globalization;

namespace EdgeFace.Evaluation.Data;

/// <summary>Which record begins where: from an .idx file, or from walking through the records.</summary>
sealed class RecordIndex
{
    readonly int[] _keys; // ascending
    readonly long[] _offsets;

    RecordIndex(int[] keys, long[] offsets) => (_keys, _offsets) = (keys, offsets);

    public ReadOnlySpan<int> Keys => _keys;

    public long? OffsetOf(int key) => Array.BinarySearch(_keys, key) is >= 0 and var at ? _offsets[at] : null;

    /// <summary>Lines "key offset", as MXNet's MXIndexedRecordIO writes them.</summary>
    public static RecordIndex Read(string path, long recordBytes)
    {
        var keys = new List<int>();
        var offsets = new List<long>();
        Span<Range> parts = stackalloc Range[3];
        foreach (var line in TextLines.Of(path, "an index of records"))
        {
            var text = line.Text.AsSpan().Trim();
            if (text.SplitAny(parts, " \t", StringSplitOptions.RemoveEmptyEntries) != 2
                || !int.TryParse(text[parts[0]], NumberStyles.None, CultureInfo.InvariantCulture, out var key)
                || !long.TryParse(text[parts[1]], NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
                throw new DataSetException(path, $"line {line.Number}", "a key and an offset", line.Quoted);
            if (offset > recordBytes - RecordFile.PartHeader || offset % 4 != 0)
                throw new DataSetException(path, $"line {line.Number}",
                    $"an offset that is a multiple of 4 inside {recordBytes} bytes", $"{offset}");
            keys.Add(key);
            offsets.Add(offset);
        }
        if (keys.Count == 0) throw new DataSetException(path, null, "an index of records", "an empty file");
        int[] sorted = [.. keys];
        long[] at = [.. offsets];
        Array.Sort(sorted, at);
        for (var i = 1; i < sorted.Length; i++)
            if (sorted[i] == sorted[i - 1]) throw new DataSetException(path, null, "each key once", $"key {sorted[i]} twice");
        return new(sorted, at);
    }

    /// <summary>Records in the order of the file; the first one's key is 0.</summary>
    public static RecordIndex Walk(DataFile file)
    {
        var offsets = new List<long>();
        var inRecord = false;
        for (long at = 0; at < file.Length;)
        {
            var (flag, length) = RecordFile.ReadPart(file, at);
            // 0 whole, 1 first, 2 middle, 3 last
            if (flag is 2 or 3 != inRecord)
                throw new DataSetException(file.Path, $"byte {at}",
                    inRecord ? "a further part of a record" : "the beginning of a record", $"part {flag}");
            if (!inRecord) offsets.Add(at);
            inRecord = flag is 1 or 2;
            at += RecordFile.PartHeader + (length + 3L & ~3L);
        }
        if (inRecord) throw new DataSetException(file.Path, null, "the last part of a record", "the file's end");
        if (offsets.Count == 0) throw new DataSetException(file.Path, null, "records", "an empty file");
        return new([.. Enumerable.Range(0, offsets.Count)], [.. offsets]);
    }
}
