namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    readonly FloatIndex _index = new();
    long _dataVersion = -1, _lastSample, _lastDeletion;

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<Candidate>> Search(IReadOnlyList<Embedding> probes, int count)
    {
        ArgumentNullException.ThrowIfNull(probes);
        if (count is < 1 or > GalleryRules.MostCandidates) throw new ArgumentOutOfRangeException(nameof(count), count, $"1 to {GalleryRules.MostCandidates} people can be asked for");
        foreach (var probe in probes) Contract.Require(probe.Contract);
        var queries = probes.Select(_projection.Project).ToList();
        return Locked(() =>
        {
            Follow();
            return queries.Select(q => Candidates(_index.Search(q, count))).ToList();
        });
    }

    void Start() => Locked(() =>
    {
        Follow();
        Clear();
        return 0;
    });

    /// <summary>Brings the index up to what other processes have changed.</summary>
    void Follow()
    {
        if (_database.Number("PRAGMA data_version") == _dataVersion) return;
        _database.Snapshot(() =>
        {
            RequireSame();
            _database.Each("SELECT id, person_id, coordinates FROM samples WHERE id > $0 ORDER BY id", row => Remember(row.GetInt64(0), row.GetInt64(1), Coordinates((byte[])row.GetValue(2), row.GetInt64(0))), _lastSample);
            FollowDeletions();
            _dataVersion = _database.Number("PRAGMA data_version");
            return 0;
        });
    }

    void FollowDeletions() => _database.Each("SELECT id, sample_id FROM deletions WHERE id > $0 ORDER BY id", row =>
    {
        _index.Remove(row.GetInt64(1));
        _lastDeletion = row.GetInt64(0);
    }, _lastDeletion);

    void Remember(long sample, long person, Half[] coordinates)
    {
        _index.Add(sample, person, coordinates);
        _lastSample = Math.Max(_lastSample, sample);
    }

    Candidate? Resembling(long personId, float[] coordinates, EnrolOptions options)
        => options.ResemblanceThreshold is { } threshold ? Candidates([.. _index.Search(coordinates, 2).Where(s => s.Person != personId && s.Score >= threshold)]).FirstOrDefault() : null;

    List<Candidate> Candidates(List<(long Person, long Sample, double Score)> found)
        => [.. found.Select(f => new Candidate(Find(f.Person) ?? throw _database.Damaged($"sample {f.Sample} belongs to person {f.Person}, who is not there"), f.Sample, f.Score))];
}
