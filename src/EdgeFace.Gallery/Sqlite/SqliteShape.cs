using System.Collections.Concurrent;

namespace EdgeFace.Gallery;

/// <summary>
/// Whether a gallery's file has the tables, indices and triggers that it was made with and no others: a foreign trigger would run with every change.
/// </summary>
static class SqliteShape
{
    // Statistics of ANALYZE hold counts and bits of indices, and only guide the planner.
    static readonly string[] Statistics = ["CREATE TABLE sqlite_stat1(tbl,idx,stat)", "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)"];

    static readonly string[] Counted = ["persons", "samples", "deletions", "audit"];

    // No gallery has ever given as many numbers.
    const long MostNumber = long.MaxValue / 2;

    static readonly ConcurrentDictionary<int, Dictionary<(string Type, string Name), string>> Expected = new();

    /// <summary>What differs from a gallery just made; a sentence each.</summary>
    public static IReadOnlyList<string> Differences(SqliteDatabase database, int version)
    {
        var expected = Expected.GetOrAdd(version, Made);
        var found = Read(database);
        var differences = new List<string>();
        foreach (var (what, sql) in found.OrderBy(f => f.Key))
            if (!expected.TryGetValue(what, out var own))
                differences.Add($"its {what.Type} '{GalleryRules.Short(what.Name)}' is foreign: no gallery has it");
            else if (own != sql) differences.Add($"its {what.Type} '{what.Name}' is not as it was made");
        var missing = expected.Keys.Where(what => !found.ContainsKey(what)).Order();
        differences.AddRange(missing.Select(what => $"its {what.Type} '{what.Name}' is missing"));
        return differences;
    }

    /// <summary>What is wrong with the numbers that were given last; a sentence each.</summary>
    public static IReadOnlyList<string> Numbers(SqliteDatabase database)
    {
        var problems = new List<string>();
        var last = database.Rows("SELECT name, seq FROM sqlite_sequence", r => (Name: r.Value(0) as string, Number: r.Value(1) as long?));
        foreach (var table in Counted)
        {
            var given = last.Where(l => l.Name == table).Select(l => l.Number).ToList();
            var highest = database.Value($"SELECT max(id) FROM {table}") as long? ?? 0;
            if (given is [{ } one] && one >= highest && one <= MostNumber || given.Count == 0 && highest == 0) continue;
            var said = given is [{ } number] ? FormattableString.Invariant($"{number}") : "none";
            problems.Add(FormattableString.Invariant(
                $"the last number of its table '{table}' is {highest}, but {said} is said to have been given last"));
        }
        return problems;
    }

    static Dictionary<(string Type, string Name), string> Made(int version)
    {
        using var database = new SqliteDatabase();
        SqliteSchema.Upgrade(database, [.. SqliteSchema.Steps.Take(version)], null);
        return Read(database);
    }

    static Dictionary<(string Type, string Name), string> Read(SqliteDatabase database)
    {
        var shape = new Dictionary<(string, string), string>();
        database.Each("SELECT type, name, tbl_name, sql FROM sqlite_schema", row =>
        {
            var (type, name, sql) = (row.Value(0) as string ?? "", row.Value(1) as string ?? "", row.Value(3) as string ?? "");
            if (type == "table" && Statistics.Contains(sql)) return;
            // Spaces mean nothing in what a gallery is made with.
            shape[(type, name)] = $"{row.Value(2)}: {string.Join(' ', sql.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}";
        });
        return shape;
    }
}
