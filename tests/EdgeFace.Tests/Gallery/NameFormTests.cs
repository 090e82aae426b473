using System.Security.Cryptography;
using System.Text;
using EdgeFace.Gallery;

namespace EdgeFace.Tests.Gallery;

public sealed class NameFormTests
{
    /// <summary>
    /// Every code point alone, decomposed, between a letter and two marks, before two marks, and after a Hangul letter.
    /// The digest is that of Python's unicodedata (Unicode 14) over the same texts.
    /// </summary>
    [Fact]
    public void Composition_is_that_of_unicode_for_every_character()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var parts = Parts();
        for (var c = 0; c < 0x110000; c++)
        {
            if (c is >= 0xD800 and <= 0xDFFF) continue;
            var text = char.ConvertFromUtf32(c);
            foreach (var form in (string[])[text, Decomposed(c, parts), "a" + text + "\u0323\u0307", text + "\u0345\u0301", "\u1100" + text])
                hash.AppendData(Encoding.UTF8.GetBytes(Nfc.Of(form)));
        }
        Assert.Equal("5bc5759db33562607dbf3cc4b630a962265c36aa9442e2069855a7b3466ee3eb", Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The characters of the table, recursively taken apart; Hangul needs no table.</summary>
    static Dictionary<int, string> Parts()
    {
        using var lines = new StreamReader(typeof(GalleryExport).Assembly.GetManifestResourceStream("nfc.txt")!);
        var direct = new Dictionary<int, int[]>();
        while (lines.ReadLine() is { } line)
            if (line[0] is not ('#' or '=') && line.Split(' ') is [var of, .. var into])
                direct.Add(Convert.ToInt32(of, 16), [.. into.Where(p => p != "!").Select(p => Convert.ToInt32(p, 16))]);
        string Full(int rune) => direct.TryGetValue(rune, out var parts) ? string.Concat(parts.Select(Full)) : char.ConvertFromUtf32(rune);
        return direct.Keys.ToDictionary(rune => rune, Full);
    }

    static string Decomposed(int rune, Dictionary<int, string> parts)
    {
        if (rune - 0xAC00 is not (>= 0 and < 11172 and var s)) return parts.GetValueOrDefault(rune) ?? char.ConvertFromUtf32(rune);
        var letters = $"{(char)(0x1100 + s / 588)}{(char)(0x1161 + s % 588 / 28)}";
        return s % 28 > 0 ? letters + (char)(0x11A7 + s % 28) : letters;
    }

    [Theory]
    [InlineData("Zoe\u0308", "Zo\u00eb")]
    [InlineData("  Ann \t", "Ann")]
    [InlineData("Ann\u00a0\u2003 Lee", "Ann Lee")]
    [InlineData("\u1112\u1161\u11ab\u1100\u1173\u11af", "\ud55c\uae00")]
    [InlineData("a\u0301\u0323", "\u1ea1\u0301")]
    [InlineData("ann", "ann")]
    [InlineData("\U0001d15e", "\U0001d157\U0001d165")]
    [InlineData("", "")]
    public void Names_have_one_form(string name, string form)
    {
        Assert.Equal(form, NameForm.Of(name));
        Assert.Equal(form, NameForm.Of(form));
    }

    [Fact]
    public void What_is_no_text_stays_as_it_is() => Assert.Equal("\ud800 a ", NameForm.Of("\ud800 a "));

    /// <summary>Why there are tables: without ICU the base library returns what it is given.</summary>
    [Fact]
    public void Base_library_does_not_compose_without_icu() => Assert.Equal("Zoe\u0308", "Zoe\u0308".Normalize(NormalizationForm.FormC));
}
