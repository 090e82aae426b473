namespace EdgeFace.Tests.Support;

/// <summary>Looks for bytes in files.</summary>
static class Bytes
{
    /// <summary>Where in the files of a folder, one after the other, bytes occur first; -1 if nowhere.</summary>
    public static long Find(string folder, ReadOnlySpan<byte> wanted)
    {
        long before = 0;
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var content = ReadShared(file);
            var at = content.AsSpan().IndexOf(wanted);
            if (at >= 0) return before + at;
            before += content.Length;
        }
        return -1;
    }

    static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
