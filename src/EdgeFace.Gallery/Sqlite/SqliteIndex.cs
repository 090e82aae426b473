using System.Runtime.InteropServices;
using EdgeFace.Gallery.Search;

namespace EdgeFace.Gallery;

/// <summary>
/// What a gallery's searches scan: a row for each sample that was ever committed up to some number, but those that are known to be deleted.
/// Any connection brings it up to what it sees, so it holds all that a snapshot holds and perhaps more: what is not in the snapshot is passed over
/// where rows are read. It lacks something of a snapshot only where somebody was deleted after that, which <see cref="Removals"/> shows.
/// Safe for any number of threads; searches wait for changes of it only as long as these take in memory. See docs/gallery-search.md.
/// </summary>
sealed class SqliteIndex(int rank)
{
    const int LoadedAtOnce = 4096, MostNamed = 5;

    readonly Lock _following = new();

    // Samples that cannot be read, and what is wrong with the first of them.
    readonly SortedSet<long> _unreadable = [];
    string? _whyUnreadable;
    CompactIndex _rows = new(rank);
    long _lastDeletion, _removals;
    int _unreadableCount;

    /// <summary>A state of the file as one connection saw it.</summary>
    /// <param name="Version">The connection's <see cref="SqliteRows.DataVersion"/>.</param>
    /// <param name="Removals">Of the index, brought up to it.</param>
    public readonly record struct Point(long Version, long Removals);

    public CompactIndex Rows => _rows;

    /// <summary>How often rows were removed, counted before they go.</summary>
    public long Removals => Volatile.Read(ref _removals);

    /// <summary>Whether there is something to save.</summary>
    public bool IsChanged { get; private set; }

    public bool IsReadable => Volatile.Read(ref _unreadableCount) == 0;

    /// <summary>Takes the index of a file that is of this state.</summary>
    public void Take(CompactIndex saved, SqliteRows rows)
        => (_rows, _lastDeletion) = (saved, rows.Database.Number("SELECT coalesce(max(id), 0) FROM deletions"));

    /// <summary>It is not to be saved.</summary>
    public void Forget() => IsChanged = false;

    /// <summary>Brings the index up to what a connection sees, within a snapshot of it.</summary>
    /// <param name="rows">The connection.</param>
    /// <param name="own">Whether it has made changes itself, of which its version does not tell.</param>
    /// <returns><see cref="Removals"/> as of that; -1 where the index lacks already what was deleted after the snapshot.</returns>
    public long Follow(SqliteRows rows, bool own = false)
    {
        var version = rows.DataVersion();
        if (version == rows.Followed.Version && !own) return rows.Followed.Removals;
        rows.RequireSame();
        lock (_following)
        {
            FollowSamples(rows);
            var isBehind = !FollowDeletions(rows);
            rows.Followed = new(version, isBehind ? -1 : _removals);
            return rows.Followed.Removals;
        }
    }

    /// <summary>Adds samples that were committed just now, by whoever holds them in memory.</summary>
    public void Publish(ReadOnlySpan<long> ids, ReadOnlySpan<Half> coordinates)
    {
        lock (_following)
        {
            // Others may have followed them already.
            var known = 0;
            while (known < ids.Length && ids[known] <= _rows.LastSampleId) known++;
            if (known == ids.Length) return;
            _rows.Add(ids[known..], coordinates[(known * rank)..]);
            IsChanged = true;
        }
    }

    /// <summary>Work during which nothing is added or removed.</summary>
    public T Still<T>(Func<T> work)
    {
        lock (_following) return work();
    }

    /// <summary>A search that passes over some samples would name others in their place.</summary>
    public void RequireReadable(string path)
    {
        if (IsReadable) return;
        lock (_following)
        {
            if (IsReadable) return;
            var ids = string.Join(", ", _unreadable.Take(MostNamed)) + (_unreadable.Count > MostNamed ? ", ..." : "");
            var which = FormattableString.Invariant($"{_unreadable.Count} samples cannot be read ({ids})");
            throw new GalleryException($"{path}: {which}, and nobody is looked for among the others. "
                + $"Of the first: {_whyUnreadable}, or delete those samples")
            {
                Kind = ErrorKind.Input,
            };
        }
    }

    /// <summary>Rows are read and indexed side by side: each takes about as long as the other.</summary>
    void FollowSamples(SqliteRows rows)
    {
        List<long> ids = [];
        List<Half> coordinates = [];
        var indexing = Task.CompletedTask;
        try
        {
            rows.Database.Each("SELECT id, person_id, coordinates FROM samples WHERE id > $0 ORDER BY id", row =>
            {
                Read(rows, row, ids, coordinates);
                if (ids.Count < LoadedAtOnce) return;
                indexing.GetAwaiter().GetResult();
                var (fullIds, fullCoordinates) = (ids, coordinates);
                indexing = Task.Run(() => Add(fullIds, fullCoordinates));
                (ids, coordinates) = (new(LoadedAtOnce), new(LoadedAtOnce * rank));
            }, _rows.LastSampleId);
        }
        finally
        {
            indexing.GetAwaiter().GetResult();
        }
        if (ids.Count > 0) Add(ids, coordinates);
    }

    void Read(SqliteRows rows, SqliteRow row, List<long> ids, List<Half> coordinates)
    {
        var id = row.Integer(0);
        try
        {
            coordinates.AddRange(rows.Coordinates(row.Bytes(2), row.Id(0), row.Id(1)));
            ids.Add(id);
        }
        catch (GalleryException e)
        {
            if (_unreadable.Count == 0) _whyUnreadable = e.Message;
            _unreadable.Add(id);
            Volatile.Write(ref _unreadableCount, _unreadable.Count);
        }
    }

    void Add(List<long> ids, List<Half> coordinates)
    {
        _rows.Add(CollectionsMarshal.AsSpan(ids), CollectionsMarshal.AsSpan(coordinates));
        IsChanged = true;
    }

    /// <returns>False where the index knows of more deletions.</returns>
    bool FollowDeletions(SqliteRows rows)
    {
        var deleted = rows.Database.Rows("SELECT id, sample_id FROM deletions WHERE id >= $0 ORDER BY id",
            row => (Id: row.Integer(0), Sample: row.Integer(1)), _lastDeletion);
        if (_lastDeletion > 0 && (deleted.Count == 0 || deleted[0].Id > _lastDeletion)) return false;
        if (deleted.Count == 0 || deleted[^1].Id == _lastDeletion) return true;
        Volatile.Write(ref _removals, _removals + 1);
        IsChanged |= _rows.Remove([.. deleted.Select(d => d.Sample)]) > 0;
        foreach (var (_, sample) in deleted) _unreadable.Remove(sample);
        Volatile.Write(ref _unreadableCount, _unreadable.Count);
        _lastDeletion = deleted[^1].Id;
        return true;
    }
}
