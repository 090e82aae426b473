using System.Text;
using EdgeFace.App.Output;

namespace EdgeFace.App.Commands;

/// <summary>A list of paths, as <c>--files-from</c> takes it: UTF-8, one a line, or each with a zero byte behind it.</summary>
static class PathList
{
    const int MostBytes = 16 << 10;

    const string OfZeroBytes = ": it has zero bytes; say --null if they part the paths";

    static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>
    /// The paths, and what of the list is none. Empty lines are left out; a carriage return before the end of a line is not part of it.
    /// </summary>
    /// <exception cref="InputException">The list cannot be read.</exception>
    public static (List<string> Paths, List<ErrorJson> Errors) Read(Terminal terminal, string list, bool zeroBytes)
    {
        List<string> paths = [];
        List<ErrorJson> errors = [];
        var name = list == "-" ? "the standard input" : list;
        var number = 0;
        try
        {
            using var stream = list == "-" ? terminal.InStream : File.OpenRead(list);
            foreach (var entry in Entries(stream, zeroBytes ? (byte)0 : (byte)'\n', name))
            {
                number++;
                var bytes = zeroBytes ? entry.Span : entry.Span.TrimEnd((byte)'\r');
                if (bytes.IsEmpty) continue;
                if (Path(bytes) is { } path) paths.Add(path);
                else errors.Add(new(name, $"{name} line {number}: no path in UTF-8{(bytes.Contains((byte)0) ? OfZeroBytes : "")}"));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{name}: the list of files cannot be read: {e.Message}", e);
        }
        return (paths, errors);
    }

    static string? Path(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return bytes.Contains((byte)0) ? null : Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    static IEnumerable<ReadOnlyMemory<byte>> Entries(Stream stream, byte end, string name)
    {
        var buffer = new byte[4 * MostBytes];
        var filled = 0;
        while (stream.Read(buffer.AsSpan(filled)) is > 0 and var read)
        {
            filled += read;
            var start = 0;
            while (buffer.AsSpan(start, filled - start).IndexOf(end) is >= 0 and var length)
            {
                yield return buffer.AsMemory(start, length);
                start += length + 1;
            }
            if (filled - start > MostBytes) throw new InputException($"{name}: a line of more than {MostBytes} bytes is no path");
            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
        }
        if (filled > 0) yield return buffer.AsMemory(0, filled);
    }
}
