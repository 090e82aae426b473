using System.Globalization;
using System.Text;

namespace EdgeFace.Gallery;

/// <summary>
/// Unicode's canonical composition (NFC, UAX 15) with tables of its own: without ICU, which programs of this library need not have, <see
/// cref="string.Normalize()"/> returns what it is given.
/// Characters that are newer than the tables (Unicode 14) stay as they are.
/// </summary>
static class Nfc
{
    // Hangul syllables are computed from their letters.
    const int Syllables = 0xAC00, Leads = 0x1100, Vowels = 0x1161, Trails = 0x11A7, LeadCount = 19,
        VowelCount = 21, TrailCount = 28, SyllableCount = LeadCount * VowelCount * TrailCount;

    // Below it no character changes, nor is part of another.
    const char FirstMark = '\u0300';

    static readonly Lazy<Tables> Data = new(Read);

    /// <param name="text">Without lone surrogates.</param>
    public static string Of(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange(FirstMark, '\uffff') < 0) return text;
        var tables = Data.Value;
        var decomposed = new List<(int Rune, byte Class)>(text.Length);
        foreach (var rune in text.EnumerateRunes()) Decompose(rune.Value, tables, decomposed);
        OrderMarks(decomposed);
        var composed = new StringBuilder(text.Length);
        foreach (var rune in Compose(decomposed, tables)) composed.Append(new Rune(rune));
        return composed.ToString();
    }

    static void Decompose(int rune, Tables tables, List<(int, byte)> into)
    {
        if (rune - Syllables is >= 0 and < SyllableCount and var syllable)
        {
            into.Add((Leads + syllable / (VowelCount * TrailCount), 0));
            into.Add((Vowels + syllable % (VowelCount * TrailCount) / TrailCount, 0));
            if (syllable % TrailCount is > 0 and var trail) into.Add((Trails + trail, 0));
        }
        else if (tables.Parts.TryGetValue(rune, out var parts))
            foreach (var part in parts) Decompose(part, tables, into);
        else into.Add((rune, tables.Classes.GetValueOrDefault(rune)));
    }

    /// <summary>Marks between two characters of class 0 go by their class; those of one class keep their order.</summary>
    static void OrderMarks(List<(int Rune, byte Class)> text)
    {
        for (var i = 0; i < text.Count; i++)
        {
            var end = i;
            while (end < text.Count && text[end].Class != 0) end++;
            if (end - i < 2) continue;
            var ordered = text.GetRange(i, end - i).OrderBy(c => c.Class).ToList();
            for (var k = 0; k < ordered.Count; k++) text[i + k] = ordered[k];
            i = end - 1;
        }
    }

    static List<int> Compose(List<(int Rune, byte Class)> text, Tables tables)
    {
        // Of the mark that was kept last after the starter; a mark of the same or a higher class before it blocks another one.
        const int Blocked = 256;
        var composed = new List<int>(text.Count);
        var (starter, last) = (-1, Blocked);
        foreach (var (rune, kind) in text)
        {
            if (starter >= 0 && (last < kind || last == 0) && Pair(composed[starter], rune, tables) is { } pair)
            {
                composed[starter] = pair;
                continue;
            }
            if (kind == 0) starter = composed.Count;
            last = starter < 0 ? Blocked : kind;
            composed.Add(rune);
        }
        return composed;
    }

    static int? Pair(int first, int second, Tables tables)
    {
        if (first - Leads is >= 0 and < LeadCount and var lead && second - Vowels is >= 0 and < VowelCount and var vowel)
            return Syllables + (lead * VowelCount + vowel) * TrailCount;
        if (first - Syllables is >= 0 and < SyllableCount and var syllable && syllable % TrailCount == 0
            && second - Trails is > 0 and < TrailCount and var trail) return first + trail;
        return tables.Pairs.TryGetValue((first, second), out var pair) ? pair : null;
    }

    static Tables Read()
    {
        using var stream = typeof(Nfc).Assembly.GetManifestResourceStream("nfc.txt")!;
        using var lines = new StreamReader(stream);
        var tables = new Tables([], [], []);
        while (lines.ReadLine() is { } line)
        {
            if (line[0] == '#') continue;
            var fields = line.TrimStart('=').Split(' ');
            if (line[0] == '=')
            {
                for (var rune = Hex(fields[0]); rune <= Hex(fields[1]); rune++)
                    tables.Classes.Add(rune, byte.Parse(fields[2], CultureInfo.InvariantCulture));
                continue;
            }
            int[] parts = [.. fields[1..].Where(f => f != "!").Select(Hex)];
            tables.Parts.Add(Hex(fields[0]), parts);
            if (fields[^1] != "!") tables.Pairs.Add((parts[0], parts[1]), Hex(fields[0]));
        }
        return tables;
    }

    static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <param name="Parts">What a character is made of.</param>
    /// <param name="Pairs">What two characters make.</param>
    /// <param name="Classes">Combining classes other than 0.</param>
    sealed record Tables(Dictionary<int, int[]> Parts, Dictionary<(int, int), int> Pairs, Dictionary<int, byte> Classes);
}
