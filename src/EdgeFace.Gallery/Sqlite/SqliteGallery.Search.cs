using System.Runtime.InteropServices;
using EdgeFace.Gallery.Search;

namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    // So often a search begins anew because somebody was deleted meanwhile; then deletions wait for it.
    const int MostAttempts = 3;

    readonly long _indexFileFrom;
    readonly SqliteIndex _index;

    // Samples of changes that are brought together and not committed: only who makes those changes may find them.
    readonly List<long> _pendingIds = [];
    readonly List<Half> _pendingCoordinates = [];
    CompactIndex? _pending;

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<Candidate>> Search(IReadOnlyList<Embedding> probes, int count)
    {
        ArgumentNullException.ThrowIfNull(probes);
        if (count is < 1 or > GalleryRules.MostCandidates)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"1 to {GalleryRules.MostCandidates} people can be asked for");
        foreach (var probe in probes) Contract.Require(probe.Contract);
        float[] queries = [.. probes.SelectMany(_projection.Project)];
        return Using(rows =>
        {
            for (var attempt = 0; attempt < MostAttempts; attempt++)
                if (rows.Database.Snapshot(() => Found(rows)) is (true, { } found)) return found;
            return _index.Still(() => rows.Database.Snapshot(() => Found(rows).Found));
        });

        // Whether rows and index were of one state throughout.
        (bool IsOfOneState, List<List<Candidate>> Found) Found(SqliteRows rows)
        {
            var removals = _index.Follow(rows);
            _index.RequireReadable(Path);
            var found = Hits(rows, queries, count).Select(hits => hits.Select(rows.ToCandidate).ToList()).ToList();
            return (_index.Removals == removals, found);
        }
    }

    /// <summary>The index from its file if that is of this state, else from the table; then what earlier deletions have left is cleared.</summary>
    void Start() => Locked(() =>
    {
        _database.Snapshot(() =>
        {
            if (!_cipher.Encrypts && SqliteIndexFile.Load(Path, _projection.Rank, IndexTag()) is { } saved) _index.Take(saved, _rows);
            return _index.Follow(_rows);
        });
        return Clear();
    });

    /// <summary>Makes samples known to the search: at once, or when all changes that are brought together are committed.</summary>
    void Enrolled(long[] ids, Half[] coordinates)
    {
        if (ids.Length == 0) return;
        if (!_together)
        {
            _index.Publish(ids, coordinates);
            return;
        }
        (_pending ??= new(_projection.Rank)).Add(ids, coordinates);
        _pendingIds.AddRange(ids);
        _pendingCoordinates.AddRange(coordinates);
    }

    void PublishPending() => _index.Publish(CollectionsMarshal.AsSpan(_pendingIds), CollectionsMarshal.AsSpan(_pendingCoordinates));

    void ForgetPending()
    {
        _pending = null;
        _pendingIds.Clear();
        _pendingCoordinates.Clear();
    }

    /// <summary>Writes the index beside the gallery, unless that shows what is encrypted or is not worth it.</summary>
    void SaveIndex()
    {
        if (!_index.IsChanged || IsReadOnly || !_index.IsReadable || _cipher.Encrypts || _index.Rows.Count < _indexFileFrom) return;
        try
        {
            // As the only writer: whoever deletes something comes before, and is followed, or after, and deletes the file.
            _database.Transaction(() =>
            {
                _index.Follow(_rows);
                SqliteIndexFile.Save(Path, _index.Rows, IndexTag());
                return 0;
            });
        }
        catch (GalleryException)
        {
            // The gallery was replaced or is being written to: the next opening makes the index anew.
        }
    }

    byte[] IndexTag() => [.. _description.Id, .. _rows.State().Stamp];

    SearchHit[][] Hits(SqliteRows rows, float[] probes, int persons, double least = double.NegativeInfinity)
    {
        var hits = _index.Rows.Search(probes, persons, rows.ReadStored, least);
        if (rows != _rows || _pending is null) return hits;
        return [.. hits.Zip(_pending.Search(probes, persons, rows.ReadStored, least), (stored, pending) => stored.Concat(pending)
            .GroupBy(hit => hit.PersonId).Select(own => own.Order(Comparer<SearchHit>.Create(SearchHit.BestFirst)).First())
            .Order(Comparer<SearchHit>.Create(SearchHit.BestFirst)).Take(persons).ToArray())];
    }

    /// <summary>The other person who is nearest, if the score reaches one.</summary>
    Candidate? Nearest(long personId, float[] coordinates, double least)
        => Hits(_rows, coordinates, 2, least)[0].Where(hit => hit.PersonId != personId).Take(1).Select(_rows.ToCandidate).FirstOrDefault();
}
