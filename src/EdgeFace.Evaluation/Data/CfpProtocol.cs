using System.Globalization;

namespace EdgeFace.Evaluation.Data;

/// <summary>The protocols of CFP (http://www.cfpw.io).</summary>
public enum CfpPairs
{
    /// <summary>Frontal against profile, CFP-FP.</summary>
    FrontalProfile,

    /// <summary>Frontal against frontal, CFP-FF.</summary>
    FrontalFrontal,
}

/// <summary>
/// Reads CFP as it is distributed: <c>Protocol/Pair_list_F.txt</c> and <c>Pair_list_P.txt</c> number the images
/// ("1 ../Data/Images/001/frontal/01.jpg", paths from <c>Protocol</c>), and <c>Protocol/Split/FP/01/same.txt</c> and <c>diff.txt</c> to
/// <c>10</c> name the pairs of a fold by those numbers ("1,2"). The person is the numbered folder.
/// </summary>
public static class CfpProtocol
{
    const int MostFolds = 100;

    /// <summary>Reads one of the protocols below <paramref name="folder"/>, the one that holds <c>Protocol</c> and <c>Data</c>.</summary>
    /// <exception cref="DataSetException">No such file or folder, another format, nothing usable, or a problem in strict reading.</exception>
    public static DataSet Read(string folder, CfpPairs pairs = CfpPairs.FrontalProfile, DataSetOptions? options = null)
    {
        options ??= DataSetOptions.Default;
        var protocol = Path.Combine(folder, "Protocol");
        var split = Path.Combine(protocol, "Split", pairs == CfpPairs.FrontalProfile ? "FP" : "FF");
        var builder = new PairSetBuilder(split, folder, options);
        var first = Images(Path.Combine(protocol, "Pair_list_F.txt"), builder);
        var second = pairs == CfpPairs.FrontalProfile ? Images(Path.Combine(protocol, "Pair_list_P.txt"), builder) : first;
        var fold = 0;
        while (fold < MostFolds && Directory.Exists(Path.Combine(split, (fold + 1).ToString("D2", CultureInfo.InvariantCulture))))
        {
            fold++;
            foreach (var (file, same) in (ReadOnlySpan<(string, bool)>)[("same.txt", true), ("diff.txt", false)])
                ReadFold(Path.Combine(split, fold.ToString("D2", CultureInfo.InvariantCulture), file), fold, same, first, second, builder);
        }
        if (fold != Folds.Usual)
            builder.Problems.Add(DataProblemKind.WrongCount, split, $"{Folds.Usual} folds belong there, 01 to 10, and there are {fold}");
        return pairs == CfpPairs.FrontalProfile ? builder.Build("CFP frontal-profile", isCfpFrontalProfile: true)
            : builder.Build("CFP frontal-frontal");
    }

    static Dictionary<int, (string Name, string? Person)> Images(string list, PairSetBuilder builder)
    {
        var images = new Dictionary<int, (string, string?)>();
        foreach (var line in TextLines.Of(list, "CFP's list of images"))
        {
            var words = line.Text.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            var parts = words.Length == 2 ? words[1].Replace('\\', '/').Split('/') : [];
            if (parts.Length < 3 || !int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || !images.TryAdd(number, ("Protocol/" + words[1], parts[^3])))
                builder.Malformed($"{list} line {line.Number}", "a new number and a path '../Data/Images/person/pose/file'", line.Text);
        }
        return images;
    }

    static void ReadFold(string list, int fold, bool same, Dictionary<int, (string Name, string? Person)> first,
        Dictionary<int, (string Name, string? Person)> second, PairSetBuilder builder)
    {
        foreach (var line in TextLines.Of(list, "CFP's pairs of a fold"))
        {
            var place = $"{list} line {line.Number}";
            var fields = line.Text.Split(',', StringSplitOptions.TrimEntries);
            if (fields.Length == 2 && int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var a)
                && int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var b)
                && first.TryGetValue(a, out var imageA) && second.TryGetValue(b, out var imageB))
                builder.Add(place, fold, same, imageA, imageB);
            else builder.Malformed(place, "two numbers of the lists of images, as '1,2'", line.Text);
        }
    }
}
