namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    const int MostProblems = 100;
    const double MostLengthError = 1e-2;

    /// <inheritdoc/>
    public GalleryCheck Check() => Locked<GalleryCheck>(() =>
    {
        var problems = new List<string>();
        long persons = 0, samples = 0;
        Try(problems, () => _database.Snapshot(() =>
        {
            problems.AddRange(_database.Rows($"PRAGMA integrity_check({MostProblems})", r => r.GetString(0)).Where(line => line != "ok"));
            problems.AddRange(_database.Rows("PRAGMA foreign_key_check", r => $"row {r.GetValue(1)} of {r.GetString(0)} belongs to a row of {r.GetString(2)} that is not there"));
            Follow();
            persons = CheckPersons(problems);
            samples = CheckSamples(problems);
            CheckCounts(problems, persons, samples);
            return 0;
        }));
        return new(persons, samples, [.. problems.Take(MostProblems)]);
    });

    long CheckPersons(List<string> problems)
    {
        long count = 0;
        _database.Each("SELECT id, name, external_key, metadata, name_lookup, external_lookup FROM persons", row =>
        {
            count++;
            var id = row.GetInt64(0);
            Try(problems, () =>
            {
                string name = _cipher.OpenText(row.GetValue(1), "name", id), key = Text(row, 2, "external key", id) ?? "";
                Text(row, 3, "metadata", id);
                var found = _cipher.Lookup(name, "name").AsSpan().SequenceEqual((byte[])row.GetValue(4))
                    && (row.IsDBNull(5) ? key.Length == 0 : _cipher.Lookup(key, "external key").AsSpan().SequenceEqual((byte[])row.GetValue(5)));
                if (!found) problems.Add($"person {id} cannot be found by name or external key: what they are looked up by does not fit");
            });
        });
        return count;
    }

    long CheckSamples(List<string> problems)
    {
        long count = 0;
        _database.Each("SELECT samples.id, person_id, coordinates, source, source_sha256, picture FROM samples LEFT JOIN crops ON sample_id = samples.id", row =>
        {
            count++;
            var id = row.GetInt64(0);
            Try(problems, () =>
            {
                Text(row, 3, "source", id);
                Text(row, 4, "source hash", id);
                if (!row.IsDBNull(5)) _cipher.Open((byte[])row.GetValue(5), "crop", id);
                var coordinates = Coordinates((byte[])row.GetValue(2), id);
                var square = 0.0;
                foreach (var c in coordinates) square += (double)c * (double)c;
                var length = Math.Sqrt(square);
                if (!(Math.Abs(length - 1) <= MostLengthError)) problems.Add(FormattableString.Invariant($"sample {id} has coordinates of length {length:g6} instead of 1"));
                else if (!_index.Matches(id, coordinates)) problems.Add($"the search does not see sample {id} of person {row.GetInt64(1)} as it is stored");
            });
        });
        return count;
    }

    void CheckCounts(List<string> problems, long persons, long samples)
    {
        var crops = _database.Number("SELECT count(*) FROM crops");
        var (p, s, c) = _database.Rows("SELECT persons, samples, crops FROM state", r => (r.GetInt64(0), r.GetInt64(1), r.GetInt64(2)))[0];
        if ((persons, samples, crops) != (p, s, c)) problems.Add($"there are {persons} persons, {samples} samples and {crops} crops, but {p}, {s} and {c} were counted");
        if (_index.Count != samples) problems.Add($"the search sees {_index.Count} samples of {samples}");
        if (_database.Number("SELECT deletions - cleared FROM state") != 0) problems.Add("traces of what was deleted may be left in free space, because another process was in the way: open the gallery anew");
    }

    /// <summary>A row that cannot be read is a problem, and the others are read on.</summary>
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
