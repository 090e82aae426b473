using System.Runtime.InteropServices;

namespace EdgeFace.Evaluation;

/// <summary>
/// Keeps the highest-scored pairs of a stream. Scores below a cut that rises with what is kept are dropped at once. The pairs kept are the
/// first of a total order, so they do not depend on the order of arrival.
/// </summary>
sealed class HighestPairs(int most)
{
    readonly List<ScoredPair> _pairs = [];

    /// <summary>Pairs below it need not be offered.</summary>
    public float Cut { get; private set; } = float.NegativeInfinity;

    public void Add(ScoredPair pair)
    {
        _pairs.Add(pair);
        if (_pairs.Count >= 2L * most + 1024) Shrink();
    }

    public ScoredPair[] ToSorted()
    {
        Shrink();
        _pairs.Sort(ScoredPair.HighestFirst);
        return [.. _pairs];
    }

    void Shrink()
    {
        if (_pairs.Count <= most) return;
        Select(CollectionsMarshal.AsSpan(_pairs), most);
        _pairs.RemoveRange(most, _pairs.Count - most);
        Cut = _pairs.Min(p => p.Score);
    }

    // Hoare's selection: afterwards the first `count` are the highest, in no order.
    static void Select(Span<ScoredPair> pairs, int count)
    {
        int low = 0, high = pairs.Length - 1;
        while (low < high)
        {
            var pivot = Median(pairs[low], pairs[(low + high) / 2], pairs[high]);
            int i = low, j = high;
            while (i <= j)
            {
                while (ScoredPair.HighestFirst(pairs[i], pivot) < 0) i++;
                while (ScoredPair.HighestFirst(pivot, pairs[j]) < 0) j--;
                if (i > j) break;
                (pairs[i], pairs[j]) = (pairs[j], pairs[i]);
                i++;
                j--;
            }
            if (count - 1 <= j) high = j; else if (count - 1 >= i) low = i; else return;
        }
    }

    static ScoredPair Median(ScoredPair a, ScoredPair b, ScoredPair c)
    {
        if (ScoredPair.HighestFirst(a, b) > 0) (a, b) = (b, a);
        return ScoredPair.HighestFirst(c, a) < 0 ? a : ScoredPair.HighestFirst(c, b) < 0 ? c : b;
    }
}
