using System.Text;

namespace EdgeFace.Evaluation.Data;

/// <summary>A line of a list; <paramref name="Number"/> counts from 1.</summary>
readonly record struct TextLine(int Number, string Text)
{
    const int MaxQuoted = 120;

    /// <summary>The beginning of the line, for messages.</summary>
    public string Quoted => $"'{Shortened(Text)}'";

    /// <summary>The beginning of a text, for messages.</summary>
    public static string Shortened(string text) => text.Length > MaxQuoted ? text[..MaxQuoted] + "..." : text;
}

/// <summary>
/// Reads lists line by line: UTF-8, any line end, at most 16 KiB a line. Lines of white space only are left out, with their numbers kept.
/// </summary>
static class TextLines
{
    public const int MaxLine = 16 << 10;

    static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <exception cref="DataSetException">While lines are taken: an unreadable file, a line that is too long, or bytes that are no text.</exception>
    public static IEnumerable<TextLine> Of(string path, string expected)
    {
        using var file = new DataFile(path, expected);
        var buffer = new byte[MaxLine + 64 * 1024];
        int start = 0, end = 0, number = 0;
        long at = 0;
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length < 0)
            {
                if (end - start > MaxLine) throw TooLong(number + 1);
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
                var read = file.ReadSome(at, buffer.AsSpan(end));
                (at, end) = (at + read, end + read);
                if (read > 0) continue;
                if (end == 0) yield break;
                length = end;
            }
            if (length > MaxLine) throw TooLong(number + 1);
            if (number == int.MaxValue) throw new DataSetException(path, null, expected, $"more than {int.MaxValue} lines");
            number++;
            var text = Decode(buffer.AsSpan(start, length), number);
            start = Math.Min(end, start + length + 1);
            if (!string.IsNullOrWhiteSpace(text)) yield return new(number, text);
        }

        DataSetException TooLong(int line) => new(path, $"line {line}", expected, $"a line of more than {MaxLine} bytes");

        string Decode(ReadOnlySpan<byte> bytes, int line)
        {
            if (line == 1 && bytes.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
            if (bytes.Contains((byte)0)) throw new DataSetException(path, $"line {line}", expected, "a zero byte");
            try
            {
                return Strict.GetString(bytes.TrimEnd((byte)'\r'));
            }
            catch (DecoderFallbackException e)
            {
                throw new DataSetException(path, $"line {line}", expected + " in UTF-8", "other bytes", e);
            }
        }
    }
}
