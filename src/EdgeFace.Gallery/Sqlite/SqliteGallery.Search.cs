using System.Runtime.InteropServices;
using EdgeFace.Gallery.Search;

namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    const int LoadedAtOnce = 4096;

    readonly long _indexFileFrom;
    CompactIndex _index;
    bool _indexChanged;
    long _dataVersion = -1, _lastDeletion;

    // Samples that cannot be read, and what is wrong with the first of them.
    readonly SortedSet<long> _unreadable = [];
    string? _whyUnreadable;

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<Candidate>> Search(IReadOnlyList<Embedding> probes, int count)
    {
        ArgumentNullException.ThrowIfNull(probes);
        if (count is < 1 or > GalleryRules.MostCandidates)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"1 to {GalleryRules.MostCandidates} people can be asked for");
        foreach (var probe in probes) Contract.Require(probe.Contract);
        float[] queries = [.. probes.SelectMany(_projection.Project)];
        return Locked(() => _database.Snapshot(() =>
        {
            Follow();
            RequireReadable();
            return _index.Search(queries, count, ReadStored).Select(found => found.Select(ToCandidate).ToList()).ToList();
        }));
    }

    /// <summary>The index from its file if that is of this state, else from the table; then what earlier deletions have left is cleared.</summary>
    void Start() => Locked(() =>
    {
        if (!_cipher.Encrypts) _database.Snapshot(() =>
        {
            if (SqliteIndexFile.Load(Path, _projection.Rank, IndexTag()) is not { } index) return 0;
            _index = index;
            _lastDeletion = _database.Number("SELECT coalesce(max(id), 0) FROM deletions");
            return 0;
        });
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
            FollowSamples();
            FollowDeletions();
            _dataVersion = _database.Number("PRAGMA data_version");
            return 0;
        });
    }

    /// <summary>The next call makes it anew.</summary>
    void ForgetIndex()
    {
        (_index, _indexChanged, _dataVersion, _lastDeletion) = (new(_projection.Rank), false, -1, 0);
        _unreadable.Clear();
    }

    /// <summary>A search that passes over some samples would name others in their place.</summary>
    void RequireReadable()
    {
        if (_unreadable.Count == 0) return;
        var ids = string.Join(", ", _unreadable.Take(MostNamed)) + (_unreadable.Count > MostNamed ? ", ..." : "");
        var which = FormattableString.Invariant($"{_unreadable.Count} samples cannot be read ({ids})");
        throw new GalleryException($"{Path}: {which}, and nobody is looked for among the others. "
            + $"Of the first: {_whyUnreadable}, or delete those samples")
        {
            Kind = ErrorKind.Input,
        };
    }

    void Read(SqliteRow row, List<long> ids, List<Half> coordinates)
    {
        var id = row.Integer(0);
        try
        {
            coordinates.AddRange(Coordinates(row.Bytes(2), row.Id(0), row.Id(1)));
            ids.Add(id);
        }
        catch (GalleryException e)
        {
            if (_unreadable.Count == 0) _whyUnreadable = e.Message;
            _unreadable.Add(id);
        }
    }

    /// <summary>Rows are read and indexed side by side: each takes about as long as the other.</summary>
    void FollowSamples()
    {
        List<long> ids = [];
        List<Half> coordinates = [];
        var indexing = Task.CompletedTask;
        try
        {
            _database.Each("SELECT id, person_id, coordinates FROM samples WHERE id > $0 ORDER BY id", row =>
            {
                Read(row, ids, coordinates);
                if (ids.Count < LoadedAtOnce) return;
                indexing.GetAwaiter().GetResult();
                var (fullIds, fullCoordinates) = (ids, coordinates);
                indexing = Task.Run(() => AddToIndex(fullIds, fullCoordinates));
                (ids, coordinates) = (new(LoadedAtOnce), new(LoadedAtOnce * _projection.Rank));
            }, _index.LastSampleId);
        }
        finally
        {
            indexing.GetAwaiter().GetResult();
        }
        if (ids.Count > 0) AddToIndex(ids, coordinates);
    }

    void AddToIndex(List<long> ids, List<Half> coordinates)
    {
        _index.Add(CollectionsMarshal.AsSpan(ids), CollectionsMarshal.AsSpan(coordinates));
        _indexChanged = true;
    }

    void FollowDeletions() => _database.Each("SELECT id, sample_id FROM deletions WHERE id > $0 ORDER BY id", row =>
    {
        _indexChanged |= _index.Remove(row.Integer(1));
        _unreadable.Remove(row.Integer(1));
        _lastDeletion = row.Integer(0);
    }, _lastDeletion);

    /// <summary>Writes the index beside the gallery, unless that shows what is encrypted or is not worth it.</summary>
    void SaveIndex()
    {
        if (!_indexChanged || IsReadOnly || _unreadable.Count > 0 || _cipher.Encrypts || _index.Count < _indexFileFrom) return;
        try
        {
            // As the only writer: whoever deletes something comes before, and is followed, or after, and deletes the file.
            _database.Transaction(() =>
            {
                Follow();
                SqliteIndexFile.Save(Path, _index, IndexTag());
                return 0;
            });
        }
        catch (GalleryException)
        {
            // The gallery was replaced or is being written to: the next opening makes the index anew.
        }
    }

    byte[] IndexTag() => [.. _description.Id, .. State().Stamp];

    void ReadStored(ReadOnlySpan<long> sampleIds, Span<long> personIds, Span<Half> coordinates)
    {
        for (var i = 0; i < sampleIds.Length; i++)
        {
            var id = sampleIds[i];
            var found = _database.Rows("SELECT id, person_id, coordinates FROM samples WHERE id = $0",
                r => (Person: r.Id(1), Coordinates: r.Bytes(2)), id);
            personIds[i] = found.Count == 0 ? 0 : found[0].Person;
            if (found.Count > 0) Coordinates(found[0].Coordinates, id, found[0].Person).CopyTo(coordinates[(i * _projection.Rank)..]);
        }
    }

    /// <summary>The other person who is nearest, if the score reaches one.</summary>
    Candidate? Nearest(long personId, float[] coordinates, double least)
        => _index.Search(coordinates, 2, ReadStored, least)[0].Where(hit => hit.PersonId != personId).Take(1).Select(ToCandidate).FirstOrDefault();

    Candidate ToCandidate(SearchHit hit)
        => new(Find(hit.PersonId) ?? throw _database.Damaged($"sample {hit.SampleId} belongs to person {hit.PersonId}, who is not there"),
            hit.SampleId, hit.Score);
}
