using System.Globalization;

namespace EdgeFace.Training;

/// <summary>A CSV file that a run appends to. Rows behind the checkpoint that the run goes on from are taken out first.</summary>
sealed class RunTable
{
    readonly string _path;

    /// <param name="columns">The first is the number of views.</param>
    public RunTable(string path, IReadOnlyList<string> columns, long views)
    {
        _path = path;
        string header = string.Join(',', columns);
        var rows = File.Exists(path) ? File.ReadAllLines(path) : [];
        if (rows is not [var first, ..] || first != header) rows = [header];
        // A last line that was cut by a kill has fewer columns.
        var kept = rows.Skip(1).Where(r => r.Split(',') is var cells && cells.Length == columns.Count
            && long.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= views);
        File.WriteAllLines(path, kept.Prepend(header).ToArray());
    }

    public void Add(params IEnumerable<double?> values)
        => File.AppendAllText(_path, string.Join(',', values.Select(v => v?.ToString("0.######", CultureInfo.InvariantCulture))) + "\n");
}
