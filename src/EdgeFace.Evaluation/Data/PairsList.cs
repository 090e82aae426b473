using System.Globalization;

namespace EdgeFace.Evaluation.Data;

/// <summary>The formats of lists of pairs.</summary>
public enum PairsFormat
{
    /// <summary>Found out from the first line.</summary>
    Auto,

    /// <summary>
    /// LFW's <c>pairs.txt</c> and <c>pairsDevTest.txt</c> (http://vis-www.cs.umass.edu/lfw/README.txt): a line "10 300" (folds, pairs of
    /// each kind) or "500", then "name i j" for one person and "name i name j" for two; the image is <c>name/name_0001.jpg</c>.
    /// </summary>
    Lfw,

    /// <summary>
    /// Comma-separated values whose first line names the columns: <c>same</c> (1 or 0), <c>a</c>, <c>b</c>, and <c>fold</c> where there is one.
    /// </summary>
    Csv,

    /// <summary>
    /// CALFW's and CPLFW's lists: two lines a pair, each "name.jpg flag". Flag 0 is two people, 1 one person; a larger one (CALFW) the fold
    /// of a pair of one person.
    /// </summary>
    TwoLines,

    /// <summary>
    /// Two paths a line and 1 or 0, before or behind them; or two paths alone, where each person has a folder. Columns are parted by tabs,
    /// or by spaces where there is no tab.
    /// </summary>
    Columns,
}

/// <summary>Reads pairs of images that a text file names, from a folder of images.</summary>
public static class PairsList
{
    const int MostFolds = 1000;

    /// <summary>
    /// Reads a list. Paths are relative to <paramref name="folder"/>, by default the list's own folder; a file that is not there
    /// under the listed name is also looked for with the other endings of <see cref="DataSetOptions.Extensions"/>. Pairs without a
    /// fold get one of ten by their order among those of one person and among those of two, which for lists that take turns is the
    /// reference protocol's split.
    /// </summary>
    /// <exception cref="DataSetException">No such file or folder, another format, nothing usable, or a problem in strict reading.</exception>
    public static DataSet Read(string list, string? folder = null, PairsFormat format = PairsFormat.Auto, DataSetOptions? options = null)
    {
        options ??= DataSetOptions.Default;
        if (format == PairsFormat.Auto) format = Recognise(list);
        var builder = new PairSetBuilder(list, folder ?? Path.GetDirectoryName(Path.GetFullPath(list))!, options);
        switch (format)
        {
            case PairsFormat.Lfw: ReadLfw(list, builder, options); return builder.Build("LFW pairs");
            case PairsFormat.Csv: ReadCsv(list, builder); return builder.Build("pairs CSV", personsMayBeFolders: true);
            case PairsFormat.TwoLines: ReadTwoLines(list, builder); return builder.Build("two lines a pair");
            case PairsFormat.Columns: ReadColumns(list, builder); return builder.Build("columns", personsMayBeFolders: true);
            default: throw new ArgumentOutOfRangeException(nameof(format), format, "no format of pairs");
        }
    }

    static PairsFormat Recognise(string list)
    {
        var first = TextLines.Of(list, "a list of pairs").FirstOrDefault();
        if (first.Text is null) throw new DataSetException(list, null, "a list of pairs", "an empty file");
        if (first.Text.Contains(',', StringComparison.Ordinal)) return PairsFormat.Csv;
        var words = Words(first.Text);
        return words switch
        {
            { Length: 1 or 2 } when words.All(w => Number(w) >= 0) => PairsFormat.Lfw,
            [_, var flag] when Number(flag) >= 0 => PairsFormat.TwoLines,
            [_, _] or [_, _, _] => PairsFormat.Columns,
            _ => throw new DataSetException(list, $"line {first.Number}",
                "the first line of LFW's pairs, of a CSV, of CALFW's or CPLFW's list, or two or three columns", $"{words.Length} columns"),
        };
    }

    static void ReadLfw(string list, PairSetBuilder builder, DataSetOptions options)
    {
        int folds = 0, ofAKind = 0, lines = 0;
        foreach (var line in TextLines.Of(list, "a list of pairs"))
        {
            var words = Words(line.Text);
            if (ofAKind == 0)
            {
                (folds, ofAKind) = words switch { [var n] => (1, Number(n)), [var f, var n] => (Number(f), Number(n)), _ => (0, 0) };
                if (folds is < 1 or > MostFolds || ofAKind is < 1 or > 1_000_000)
                    throw new DataSetException(list, $"line {line.Number}",
                        "the number of folds and of pairs of each kind, as '10 300'", line.Quoted);
                continue;
            }
            var fold = 1 + lines++ / (2 * ofAKind);
            (string, string)? a = null, b = null;
            if (words is [var name, var i, var j]) (a, b) = (Face(name, i), Face(name, j));
            else if (words is [var nameA, var numberA, var nameB, var numberB]) (a, b) = (Face(nameA, numberA), Face(nameB, numberB));
            if (a is null || b is null) builder.Malformed(builder.Place(line), "'name i j' or 'name i name j'", line.Text);
            else builder.Add(builder.Place(line), fold, words.Length == 3, a.Value, b.Value);
        }
        if (ofAKind == 0) throw new DataSetException(list, null, "a list of pairs", "an empty file");
        if (lines != 2L * folds * ofAKind)
            builder.Problems.Add(DataProblemKind.WrongCount, list, $"the first line announces {2L * folds * ofAKind} pairs, and there are {lines}");

        (string, string)? Face(string name, string number)
            => Number(number) is >= 0 and var n && !name.AsSpan().ContainsAny('/', '\\')
                ? ($"{name}/{name}_{n.ToString("D4", CultureInfo.InvariantCulture)}"
                    + (options.Extensions.Count > 0 ? options.Extensions[0] : ""), name)
                : null;
    }

    static void ReadCsv(string list, PairSetBuilder builder)
    {
        int[]? columns = null;
        var count = 0;
        foreach (var line in TextLines.Of(list, "a list of pairs"))
        {
            var fields = CsvLine.Fields(line.Text);
            if (columns is null)
            {
                int Column(params string[] names)
                    => fields is null ? -1 : Array.FindIndex(fields, f => names.Contains(f, StringComparer.OrdinalIgnoreCase));
                columns = [Column("fold"), Column("same", "label"), Column("a", "image1"), Column("b", "image2")];
                if (columns.AsSpan(1).Contains(-1))
                    throw new DataSetException(list, $"line {line.Number}", "names of columns with same, a and b, as 'fold,same,a,b'", line.Quoted);
                count = fields!.Length;
                continue;
            }
            var fold = fields is null || columns[0] < 0 ? 0 : Number(fields.ElementAtOrDefault(columns[0]) ?? "");
            if (fields is null || fields.Length != count || Flag(fields[columns[1]]) is not { } same
                || columns[0] >= 0 && fold is < 1 or > MostFolds || fields[columns[2]].Length == 0 || fields[columns[3]].Length == 0)
                builder.Malformed(builder.Place(line),
                    $"{count} fields, same 1 or 0, two paths" + (columns[0] < 0 ? "" : $" and a fold from 1 to {MostFolds}"), line.Text);
            else
                builder.Add(builder.Place(line), fold, same, InFolder(fields[columns[2]]), InFolder(fields[columns[3]]));
        }
        if (columns is null) throw new DataSetException(list, null, "a list of pairs", "an empty file");
    }

    static void ReadTwoLines(string list, PairSetBuilder builder)
    {
        var pairs = new List<(string Place, int Flag, string A, string B)>();
        TextLine? first = null;
        foreach (var line in TextLines.Of(list, "a list of pairs"))
        {
            if (first is not { } before)
            {
                first = line;
                continue;
            }
            first = null;
            var (a, b) = (Split(before.Text), Split(line.Text));
            if (a.Flag is < 0 or > MostFolds || a.Flag != b.Flag)
                builder.Malformed(builder.Place(before), "two lines 'name.jpg flag' of one flag", $"{before.Text}' and '{line.Text}");
            else
                pairs.Add((builder.Place(before), a.Flag, a.Name, b.Name));
        }
        if (first is { } odd) builder.Malformed(builder.Place(odd), "a second line of the pair", "the end of the list");
        var flagsAreFolds = pairs.Any(p => p.Flag > 1);
        foreach (var (place, flag, a, b) in pairs) builder.Add(place, flagsAreFolds ? flag : 0, flag > 0, InStem(a), InStem(b));

        static (string Name, int Flag) Split(string line)
        {
            line = line.Trim();
            var at = line.LastIndexOfAny([' ', '\t']);
            return at < 0 ? ("", -1) : (line[..at].TrimEnd(), Number(line[(at + 1)..]));
        }
    }

    static void ReadColumns(string list, PairSetBuilder builder)
    {
        int columns = 0, flagAt = 0;
        foreach (var line in TextLines.Of(list, "a list of pairs"))
        {
            var words = Words(line.Text);
            if (columns == 0)
            {
                columns = words.Length;
                flagAt = columns == 2 ? -1 : columns == 3 && Flag(words[2]) is not null ? 2 : 0;
                if (columns is < 2 or > 3 || flagAt == 0 && Flag(words[0]) is null)
                    throw new DataSetException(list, $"line {line.Number}", "two paths, and 1 or 0 before or behind them", line.Quoted);
            }
            if (words.Length != columns || flagAt >= 0 && Flag(words[flagAt]) is null)
            {
                builder.Malformed(builder.Place(line), $"{columns} columns" + (flagAt < 0 ? "" : $", 1 or 0 in column {flagAt + 1}"), line.Text);
                continue;
            }
            var (a, b) = flagAt == 0 ? (InFolder(words[1]), InFolder(words[2])) : (InFolder(words[0]), InFolder(words[1]));
            var same = flagAt >= 0 ? Flag(words[flagAt]) : a.Person is null || b.Person is null ? null : a.Person == b.Person;
            if (same is null) builder.Malformed(builder.Place(line), "paths in a folder for each person, since no column says 1 or 0", line.Text);
            else builder.Add(builder.Place(line), 0, same.Value, a, b);
        }
    }

    static string[] Words(string line) => line.Contains('\t', StringComparison.Ordinal)
        ? line.Split('\t', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        : line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    static bool? Flag(string text) => text.ToUpperInvariant() switch { "1" or "TRUE" => true, "0" or "FALSE" or "-1" => false, _ => null };

    // The person is the folder that the file lies in.
    static (string Name, string? Person) InFolder(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count > 0) parts.RemoveAt(parts.Count - 1);
            else if (part != ".") parts.Add(part);
        }
        return (path, parts.Count > 1 ? string.Join('/', parts[..^1]) : null);
    }

    // Abel_Pacheco_0001.jpg is of Abel_Pacheco.
    static (string Name, string? Person) InStem(string path)
    {
        var stem = Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));
        var at = stem.LastIndexOf('_');
        return (path, at > 0 && Number(stem[(at + 1)..]) >= 0 ? stem[..at] : null);
    }
}
