using System.Numerics.Tensors;

namespace EdgeFace.Gallery.Search;

/// <summary>The people of the best rows, by the scores of the stored coordinates.</summary>
static class PersonRanking
{
    const int LeastRead = 32;

    /// <summary>Reads candidates, those with the highest possible scores first, until no other can change the result.</summary>
    /// <param name="probe">rank values.</param>
    /// <param name="nearest">What the scan found.</param>
    /// <param name="persons">At most so many people.</param>
    /// <param name="atLeast">People whose best score is lower are left out; the scan was told the same.</param>
    /// <param name="read">Reads them from the store.</param>
    /// <param name="complete">Whether the result is certain: rows that the scan left out could not change it either.</param>
    public static SearchHit[] Of(ReadOnlySpan<float> probe, Nearest nearest, int persons, double atLeast, ReadSamples read, out bool complete)
    {
        var candidates = nearest.ToSorted();
        var best = new Dictionary<long, SearchHit>();
        // The score of the last person of the result so far.
        var last = double.NegativeInfinity;
        var size = Math.Max(LeastRead, persons);
        long[] ids = new long[size], people = new long[size];
        var stored = new Half[size * probe.Length];
        var row = new float[probe.Length];
        for (var at = 0; at < candidates.Count && candidates[at].Highest >= last;)
        {
            var count = 0;
            while (count < size && at < candidates.Count && candidates[at].Highest >= last) ids[count++] = candidates[at++].SampleId;
            read(ids.AsSpan(0, count), people.AsSpan(0, count), stored.AsSpan(0, count * probe.Length));
            for (var i = 0; i < count; i++)
            {
                if (people[i] == 0) continue;
                TensorPrimitives.ConvertToSingle(stored.AsSpan(i * probe.Length, probe.Length), row);
                var hit = new SearchHit(ids[i], people[i], StoredCosine.Of(probe, row));
                if (!best.TryGetValue(hit.PersonId, out var known) || SearchHit.BestFirst(hit, known) < 0) best[hit.PersonId] = hit;
            }
            if (best.Count >= persons) last = best.Values.Select(h => h.Score).OrderDescending().ElementAt(persons - 1);
        }
        complete = Math.Max(last, atLeast) >= nearest.Cut;
        var ranked = best.Values.ToList();
        ranked.Sort(SearchHit.BestFirst);
        return [.. ranked.TakeWhile(hit => hit.Score >= atLeast).Take(persons)];
    }
}
