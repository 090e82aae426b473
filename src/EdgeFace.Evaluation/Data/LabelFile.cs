namespace EdgeFace.Evaluation.Data;

/// <summary>
/// Groups of images or people, for figures by group: comma-separated values whose first line names the columns, the first of them
/// <c>image</c> or <c>identity</c> (or <c>person</c>), every other one a way to group, as <c>identity,sex,age</c>. An empty field says
/// that the group is not known.
/// </summary>
public sealed class LabelFile
{
    readonly Dictionary<string, string[]> _rows;
    readonly string[] _columns;

    LabelFile(bool byPerson, string[] columns, Dictionary<string, string[]> rows, DataProblems problems)
        => (ByPerson, _columns, _rows, Problems) = (byPerson, columns, rows, problems);

    /// <summary>Whether the first column names people; else it names images.</summary>
    public bool ByPerson { get; }

    /// <summary>The columns of groups.</summary>
    public IReadOnlyList<string> Columns => _columns;

    /// <summary>How many images or people have labels.</summary>
    public int Count => _rows.Count;

    /// <summary>What is wrong with the file.</summary>
    public DataProblems Problems { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataSetException">No such file, another format, nothing usable, or a problem in strict reading.</exception>
    public static LabelFile Read(string path, DataSetOptions? options = null)
    {
        var problems = new DataProblems();
        var rows = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        string[]? columns = null;
        foreach (var line in TextLines.Of(path, "labels of images or people"))
        {
            var fields = CsvLine.Fields(line.Text);
            if (columns is null)
            {
                if (fields is not { Length: > 1 } || fields[0].ToUpperInvariant() is not ("IMAGE" or "IDENTITY" or "PERSON")
                    || fields.Distinct(StringComparer.Ordinal).Count() < fields.Length)
                    throw new DataSetException(path, $"line {line.Number}",
                        "different names of columns, image or identity first, as 'identity,sex'", line.Quoted);
                columns = fields;
                continue;
            }
            var place = $"{path} line {line.Number}";
            if (fields?.Length != columns.Length || fields[0].Length == 0)
            {
                problems.Add(DataProblemKind.MalformedLine, place, $"expected {columns.Length} fields, the first not empty");
                continue;
            }
            // Groups are few: one text for each.
            string[] groups = [.. fields.Skip(1).Select(f => values.TryGetValue(f, out var known) ? known : values[f] = f)];
            if (!rows.TryAdd(fields[0], groups) && !rows[fields[0]].SequenceEqual(groups))
                problems.Add(DataProblemKind.ContradictoryLabel, place, $"'{fields[0]}' was listed before with other groups");
        }
        if (columns is null) throw new DataSetException(path, null, "labels of images or people", "an empty file");
        problems.ThrowIfStrict(options ?? DataSetOptions.Default, path);
        if (rows.Count == 0) throw new DataSetException(path, null, "labels", "none");
        return new(!columns[0].Equals("image", StringComparison.OrdinalIgnoreCase), columns[1..], rows, problems);
    }

    /// <summary>
    /// The group of an image or person in a column; null where none is known. For an image that has no line of its own, nothing is guessed.
    /// </summary>
    /// <exception cref="ArgumentException">No such column.</exception>
    public string? Group(DataImage image, string column)
    {
        var at = Array.IndexOf(_columns, column);
        if (at < 0) throw new ArgumentException($"there is no column '{column}', only {string.Join(", ", Columns)}", nameof(column));
        return (ByPerson ? image.Person : image.Name) is { } key && _rows.TryGetValue(key, out var groups) && groups[at].Length > 0
            ? groups[at] : null;
    }
}
