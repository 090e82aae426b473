using System.Runtime.InteropServices;

namespace EdgeFace.Gallery.Search;

/// <summary>
/// Every row compared with every probe, in plain loops over floats: what <see cref="CompactIndex"/> must equal. Not for several threads.
/// </summary>
/// <param name="dimension">Values of a row.</param>
sealed class ExactIndex(int dimension)
{
    readonly List<float> _rows = [];
    readonly List<(long Sample, long Person)> _ids = [];

    public int Count => _ids.Count;

    public void Add(long sampleId, long personId, ReadOnlySpan<float> row)
    {
        if (row.Length != dimension) throw new ArgumentException($"a row has {dimension} values, not {row.Length}", nameof(row));
        _ids.Add((sampleId, personId));
        _rows.AddRange(row);
    }

    public bool Remove(long sampleId)
    {
        var at = _ids.FindIndex(i => i.Sample == sampleId);
        if (at < 0) return false;
        _ids.RemoveAt(at);
        _rows.RemoveRange(at * dimension, dimension);
        return true;
    }

    /// <summary>The people whose best samples score highest.</summary>
    public SearchHit[] Search(ReadOnlySpan<float> probe, int persons)
    {
        var best = new Dictionary<long, SearchHit>();
        var rows = CollectionsMarshal.AsSpan(_rows);
        for (var i = 0; i < _ids.Count; i++)
        {
            var hit = new SearchHit(_ids[i].Sample, _ids[i].Person, StoredCosine.Of(probe, rows.Slice(i * dimension, dimension)));
            if (!best.TryGetValue(hit.PersonId, out var known) || SearchHit.BestFirst(hit, known) < 0) best[hit.PersonId] = hit;
        }
        var found = best.Values.ToList();
        found.Sort(SearchHit.BestFirst);
        return [.. found.Take(persons)];
    }
}
