using EdgeFace.Evaluation.Data;

namespace EdgeFace.Training;

/// <summary>The sets that a network in training is measured on, each by its name. A single one has the plain columns of the table; of several, each
/// column begins with the name.</summary>
sealed class ValidationSets
{
    const string Expected = "a folder of crops with pairs.csv, a list of pairs, or an InsightFace .bin file";

    static readonly string[] Figures = ["agreement", "agreementP10", "accuracy", "fnmrAtFmr1e-4"];

    readonly List<(string Name, Validation Set)> _sets = [];

    /// <param name="sets">Each a folder of crops with <c>pairs.csv</c>, a list of pairs beside its crops, or an InsightFace <c>.bin</c> file; NAME=
    /// before the path names it, otherwise file or folder does.</param>
    /// <param name="teacher">Null where there is none to agree with.</param>
    /// <param name="report">Is told of pairs that lack a crop.</param>
    /// <exception cref="DataSetException">A set cannot be read, or cannot be measured on.</exception>
    /// <exception cref="RecipeException">Two sets have one name, or a name is not one.</exception>
    public ValidationSets(IReadOnlyList<string> sets, FaceEmbedder? teacher, Action<string> report)
    {
        foreach (var (name, path) in Named(sets))
        {
            using var set = Open(path);
            if (set.Pairs.Count < set.ListedPairs)
                report($"{set.Source}: {set.ListedPairs - set.Pairs.Count} of {set.ListedPairs} pairs lack a crop and are left out");
            _sets.Add((name, new(set, teacher)));
            if (_sets.Count == 1 && !set.PersonOf.Contains(-1)) WithPeople = path;
        }
    }

    /// <summary>The first set, where it tells of every crop whom it shows: a card's thresholds are measured on it; else null.</summary>
    public string? WithPeople { get; }

    /// <summary>Whether there is nothing to measure on.</summary>
    public bool IsEmpty => _sets.Count == 0;

    /// <summary>The columns of a table of the figures; those of one set where there is none.</summary>
    public IReadOnlyList<string> Columns => _sets.Count < 2 ? Figures : [.. _sets.SelectMany(s => Figures.Select(f => $"{s.Name}.{f}"))];

    /// <summary>Measures a model on every set, of which there is one or more.</summary>
    public ValidationResult Measure(ModelFile model, int threads)
    {
        ValidationFigures? first = null;
        List<string> lines = [];
        List<double?> values = [];
        foreach (var (name, set) in _sets)
        {
            var f = set.Measure(model, threads);
            first ??= f;
            var agreement = f.Agreement is { } mean
                ? FormattableString.Invariant($"agreement {mean:f4}, 10th percentile {f.AgreementP10:f4}, ") : "";
            var fnmr = f.Fnmr is { } rate ? FormattableString.Invariant($", FNMR at FMR 1e-4 {100 * rate:f2} %") : "";
            lines.Add(FormattableString.Invariant($"{(_sets.Count < 2 ? "" : name + ": ")}{agreement}accuracy {100 * f.Accuracy:f2} %{fnmr}"));
            values.AddRange([f.Agreement, f.AgreementP10, f.Accuracy, f.Fnmr]);
        }
        return new(first!.Value, lines, values);
    }

    // Before anything is opened: opening takes long.
    static List<(string Name, string Path)> Named(IReadOnlyList<string> sets)
    {
        List<(string Name, string Path)> named = [];
        foreach (var set in sets)
        {
            var at = Path.Exists(set) ? -1 : set.IndexOf('=', StringComparison.Ordinal);
            var path = set[(at + 1)..];
            var name = at < 0 ? NameOf(path) : set[..at];
            if (name.Length == 0 || !name.All(IsOfName))
                throw new RecipeException($"--validation {set}: '{name}' names no columns: letters, digits, '-', '_' and '.' do. Write NAME=PATH");
            if (!Path.Exists(path))
                throw new DataSetException(path, null, Expected, "nothing there") { Kind = ErrorKind.Request };
            if (named.Any(n => n.Name == name))
                throw new RecipeException($"--validation: two sets are called '{name}'; write NAME=PATH to call one of them otherwise");
            named.Add((name, path));
        }
        return named;
    }

    static string NameOf(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var name = Directory.Exists(full) ? Path.GetFileName(full) : Path.GetFileNameWithoutExtension(full);
        return string.Concat(name.Select(c => IsOfName(c) ? c : '-'));
    }

    static bool IsOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';

    /// <summary>Opens a set by its path.</summary>
    public static DataSet Open(string path)
    {
        if (Directory.Exists(path)) return PairsList.Read(Path.Combine(path, "pairs.csv"), path);
        return Path.GetExtension(path).Equals(".bin", StringComparison.OrdinalIgnoreCase) ? BinFile.Read(path) : PairsList.Read(path);
    }
}
