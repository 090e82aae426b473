using System.Globalization;

namespace EdgeFace.Bench;

/// <summary>Pairs of different people whose score reaches a threshold, and the interval of their share over people.</summary>
sealed class FalsePairs
{
    const int Resamples = 400;

    readonly int[] _people;
    readonly List<(int A, int B)> _pairs = [];
    readonly int _count;

    public FalsePairs(string[] people, Embedding[] embeddings, float threshold)
    {
        var numbers = people.Distinct().Select((p, i) => (p, i)).ToDictionary(x => x.p, x => x.i);
        _people = [.. people.Select(p => numbers[p])];
        _count = numbers.Count;
        for (var i = 0; i < people.Length; i++)
            for (var j = i + 1; j < people.Length; j++)
            {
                if (_people[i] == _people[j]) continue;
                Total++;
                if (embeddings[i].Score(embeddings[j]) >= threshold) _pairs.Add((_people[i], _people[j]));
            }
    }

    public int Count => _pairs.Count;

    public long Total { get; }

    /// <summary>Count, total and share.</summary>
    public string Told => Total == 0 ? "none pass" : string.Create(CultureInfo.InvariantCulture, $"{Count} of {Total:n0}: {this}");

    public override string ToString()
    {
        if (Total == 0) return "";
        if (Count == 0) return string.Create(CultureInfo.InvariantCulture, $"0 (below {Rate(1 - Math.Pow(0.05, 1.0 / Total))} at 95 %)");
        var random = new Random(1);
        var shares = new double[Resamples];
        var sizes = new int[_count];
        foreach (var p in _people) sizes[p]++;
        for (var r = 0; r < Resamples; r++)
        {
            var weights = new int[_count];
            for (var i = 0; i < _count; i++) weights[random.Next(_count)]++;
            double hits = 0, all = 0, squares = 0;
            foreach (var (a, b) in _pairs) hits += weights[a] * weights[b];
            for (var i = 0; i < _count; i++)
                (all, squares) = (all + weights[i] * sizes[i], squares + (double)weights[i] * weights[i] * sizes[i] * sizes[i]);
            shares[r] = hits / Math.Max(1, (all * all - squares) / 2);
        }
        Array.Sort(shares);
        return $"{Rate((double)Count / Total)} [{Rate(shares[Resamples / 40])}, {Rate(shares[Resamples - 1 - Resamples / 40])}]";
    }

    static string Rate(double share) => share >= 0.01
        ? string.Create(CultureInfo.InvariantCulture, $"{100 * share:f1} %")
        : share.ToString("0.0e-0", CultureInfo.InvariantCulture);
}
