using System.Globalization;
using System.Text;

namespace EdgeFace.App.Output;

/// <summary>Text as a terminal may show it: what would move the cursor, reorder or hide text is shown as its number.</summary>
static class Printable
{
    // Scripts and emoji need them, and they only join.
    const int ZeroWidthNonJoiner = 0x200c, ZeroWidthJoiner = 0x200d;

    /// <summary>The text, with <c>\n</c>, <c>\u001B</c> and the like in place of what is not printable.</summary>
    public static string Of(string text)
    {
        var at = 0;
        while (at < text.Length && text[at] is >= ' ' and < '\x7f') at++;
        return at == text.Length ? text : Escaped(text, at);
    }

    static string Escaped(string text, int at)
    {
        var result = new StringBuilder(text, 0, at, text.Length + 16);
        while (at < text.Length)
        {
            // Half a character is its own number.
            var whole = Rune.TryGetRuneAt(text, at, out var rune);
            var length = whole ? rune.Utf16SequenceLength : 1;
            if (whole && IsPrintable(rune)) result.Append(text, at, length);
            else result.Append(Number(whole ? rune.Value : text[at]));
            at += length;
        }
        return result.ToString();
    }

    static bool IsPrintable(Rune rune) => rune.Value is ZeroWidthJoiner or ZeroWidthNonJoiner || Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    static string Number(int value) => value switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        <= 0xffff => $"\\u{value:X4}",
        _ => $"\\U{value:X8}",
    };
}
