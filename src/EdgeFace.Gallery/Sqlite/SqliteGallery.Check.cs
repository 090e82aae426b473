namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    const int MostProblems = 100;

    const string Everybody = $"SELECT {SqliteRows.PersonColumns} FROM persons";

    const string StoredCoordinatesOf = "SELECT id, person_id, coordinates FROM samples";

    /// <inheritdoc/>
    public GalleryCheck Check() => Locked<GalleryCheck>(() =>
    {
        var problems = new List<string>();
        long persons = 0, samples = 0;
        var unseen = new List<long>();
        Try(problems, () => _database.Snapshot(() =>
        {
            Try(problems, () => problems.AddRange(Integrity().Where(line => line != "ok")));
            Try(problems, () => problems.AddRange(SqliteShape.Differences(_database, _description.Version)));
            Try(problems, () => problems.AddRange(SqliteShape.Numbers(_database)));
            Try(problems, () => problems.AddRange(Orphans()));
            Try(problems, () => CheckDescription(problems));
            Try(problems, () => _index.Follow(_rows));
            Try(problems, () => persons = Count(problems, $"{Everybody} WHERE {_rows.Shown}", row => _rows.ReadPerson(row)));
            Try(problems, () => Count(problems, $"{Everybody} WHERE NOT ({_rows.Shown})", row => CheckMerged(_rows.ReadPerson(row), problems)));
            Try(problems, () => samples = Count(problems, $"SELECT {SqliteRows.SampleColumns} FROM samples", row => _rows.ReadSample(row)));
            Try(problems, () => Count(problems, StoredCoordinatesOf, row => unseen.AddRange(IsSeen(row) ? [] : [row.Id(0)])));
            Try(problems, () => Count(problems, $"SELECT {SqliteRows.CropColumns}", row => _rows.ReadCrop(row)));
            Try(problems, () => Count(problems, $"SELECT {SqliteRows.AuditColumns} FROM audit", row => SqliteRows.ReadAudit(row)));
            Try(problems, () => Count(problems, "SELECT id, sample_id FROM deletions", row => row.Integer(1)));
            Try(problems, () => CheckCounts(problems, persons, samples));
            return 0;
        }));
        Try(problems, () => CheckIndex(problems, unseen));
        return new(persons, samples, [.. problems.Distinct().Take(MostProblems)]);
    });

    List<string> Integrity() => _database.Rows($"PRAGMA integrity_check({MostProblems})", r => r.Value(0) as string ?? "");

    List<string> Orphans()
        => _database.Rows("PRAGMA foreign_key_check", r => $"row {r.Value(1)} of {r.Value(0)} belongs to a row of {r.Value(2)} that is not there");

    /// <summary>The file may have been changed since it was opened.</summary>
    void CheckDescription(List<string> problems)
    {
        var stored = SqliteDescription.Read(_database, _description.Version);
        stored.OpenProjection(_database, _cipher);
        var isSame = stored.Contract == Contract && stored.MostSamples == _description.MostSamples && stored.Created == _description.Created;
        if (!isSame) problems.Add("its description is not that with which it was opened");
    }

    /// <summary>Reads all rows, and counts them.</summary>
    long Count(List<string> problems, string sql, Action<SqliteRow> read)
    {
        long count = 0;
        _database.Each(sql, row =>
        {
            count++;
            Try(problems, () => read(row));
        });
        return count;
    }

    /// <summary>Who was merged has no samples left, and at the end somebody who is shown.</summary>
    void CheckMerged(Person person, List<string> problems)
    {
        if (person.Samples > 0) problems.Add($"person {person.Id} was merged into another, and has samples all the same");
        HashSet<long> met = [];
        for (long? into = person.Id; into is { } id; into = _rows.MergedInto(id))
            if (!met.Add(id))
            {
                problems.Add($"person {person.Id} was merged into somebody who is nowhere to be seen");
                return;
            }
    }

    bool IsSeen(SqliteRow row) => _index.Rows.Matches(row.Id(0), _rows.Coordinates(row.Bytes(2), row.Id(0), row.Id(1)));

    /// <summary>While all was read, somebody may have been deleted elsewhere and gone from the index; now nothing changes there.</summary>
    void CheckIndex(List<string> problems, List<long> unseen) => _index.Still(() => _database.Snapshot(() =>
    {
        _index.Follow(_rows);
        foreach (var id in unseen)
            _database.Each($"{StoredCoordinatesOf} WHERE id = $0", row =>
            {
                if (!IsSeen(row)) problems.Add($"the search does not see sample {id} of person {row.Id(1)} as it is stored");
            }, id);
        var stored = _database.Number("SELECT count(*) FROM samples");
        if (_index.Rows.Count != stored) problems.Add($"the search sees {_index.Rows.Count} samples of {stored}");
        return 0;
    }));

    void CheckCounts(List<string> problems, long persons, long samples)
    {
        var crops = _database.Number("SELECT count(*) FROM crops");
        var state = _rows.State();
        if ((persons, samples, crops) != (state.Persons, state.Samples, state.Crops))
            problems.Add($"there are {persons} persons, {samples} samples and {crops} crops, "
                + $"but {state.Persons}, {state.Samples} and {state.Crops} were counted");
        if (state.Deletions != state.Cleared)
            problems.Add("traces of what was deleted may be left in free space, because another process was in the way: open the gallery anew");
    }

    /// <summary>What cannot be read is a problem, and the rest is read on.</summary>
    static void Try(List<string> problems, Action examine)
    {
        try
        {
            examine();
        }
        catch (GalleryException e)
        {
            problems.Add(e.Message);
        }
    }
}
