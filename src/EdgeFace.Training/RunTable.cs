using System.Globalization;
using System.Text;
using EdgeFace.Files;

namespace EdgeFace.Training;

/// <summary>A CSV file that a run appends to. Rows behind the checkpoint that the run goes on from are taken out first; a table of other columns is
/// kept under another name.</summary>
sealed class RunTable
{
    readonly string _path;

    /// <param name="columns">The first is the number of views.</param>
    /// <param name="views">Views of the checkpoint; null where the run begins, and no row counts.</param>
    public RunTable(string path, IReadOnlyList<string> columns, long? views)
    {
        _path = path;
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
        var cells = values.Select(v => v?.ToString("0.######", CultureInfo.InvariantCulture)).Prepend(views.ToString(CultureInfo.InvariantCulture));
        File.AppendAllText(_path, string.Join(',', cells) + "\n");
        LastViews = views;
    }

    // training.1.csv, training.2.csv and so on.
    static string FreeName(string path)
        => Enumerable.Range(1, int.MaxValue).Select(i => Path.ChangeExtension(path, FormattableString.Invariant($".{i}{Path.GetExtension(path)}")))
            .First(name => !File.Exists(name));
}
