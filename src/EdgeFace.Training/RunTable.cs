using System.Globalization;
using System.Text;
using EdgeFace.Files;

namespace EdgeFace.Training;

/// <summary>A CSV file that a run appends to. Rows behind the checkpoint that the run goes on from are taken out first; a table of other columns is
/// kept under another name.</summary>
sealed class RunTable
{
    // What a curve over views is not drawn of.
    static readonly string[] Axes = ["steps", "seconds"];

    readonly string _path;
    readonly IReadOnlyList<string> _columns;
    readonly EventFile? _events;

    /// <param name="columns">The first is the number of views.</param>
    /// <param name="views">Views of the checkpoint; null where the run begins, and no row counts.</param>
    /// <param name="events">Gets every row too, tagged with the table's name and the column's; null for nowhere.</param>
    public RunTable(string path, IReadOnlyList<string> columns, long? views, EventFile? events = null)
    {
        (_path, _columns, _events) = (path, columns, events);
        var header = string.Join(',', columns);
        string[] rows = File.Exists(path) ? File.ReadAllLines(path) : [];
        if (rows is [var first, ..] && first != header)
        {
            File.Move(path, FreeName(path));
            rows = [];
        }
        List<string> kept = [header];
        foreach (var row in rows.Skip(1))
        {
            // A last line that was cut by a kill has fewer columns.
            if (row.Split(',') is not [var cell, ..] cells || cells.Length != columns.Count) continue;
            if (!long.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var at) || !(at <= views)) continue;
            kept.Add(row);
            LastViews = at;
        }
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(string.Join('\n', kept) + "\n")));
    }

    /// <summary>Views of the last row; null without rows.</summary>
    public long? LastViews { get; private set; }

    public void Add(long views, params IEnumerable<double?> values)
    {
        double?[] row = [.. values];
        var cells = row.Select(v => v?.ToString("0.######", CultureInfo.InvariantCulture)).Prepend(views.ToString(CultureInfo.InvariantCulture));
        File.AppendAllText(_path, string.Join(',', cells) + "\n");
        LastViews = views;
        var group = Path.GetFileNameWithoutExtension(_path);
        _events?.Add(views, _columns.Skip(1).Zip(row).Where(c => !Axes.Contains(c.First)).Select(c => ($"{group}/{c.First}", c.Second)));
    }

    // training.1.csv, training.2.csv and so on.
    static string FreeName(string path)
        => Enumerable.Range(1, int.MaxValue).Select(i => Path.ChangeExtension(path, FormattableString.Invariant($".{i}{Path.GetExtension(path)}")))
            .First(name => !File.Exists(name));
}
