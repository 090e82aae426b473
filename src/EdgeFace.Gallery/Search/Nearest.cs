namespace EdgeFace.Gallery.Search;

/// <summary>
/// The rows that may be among the most alike: all whose highest possible score reaches the <see cref="Cut"/>, the score that a given number
/// of rows reach for certain.
/// </summary>
/// <param name="most">That number.</param>
sealed class Nearest(int most)
{
    readonly PriorityQueue<double, double> _certain = new();
    readonly List<Candidate> _rows = [];
    int _prune = 4096;

    /// <param name="SampleId">The row.</param>
    /// <param name="Highest">The highest score that it may have.</param>
    public readonly record struct Candidate(long SampleId, double Highest);

    /// <summary>Only rises. A row that is left out has a lower score.</summary>
    public double Cut { get; private set; } = double.NegativeInfinity;

    public void Offer(long sampleId, double score, double error)
    {
        if (score + error < Cut) return;
        _rows.Add(new(sampleId, score + error));
        Certain(score - error);
        if (_rows.Count < _prune) return;
        Prune();
        _prune = Math.Max(_prune, 2 * _rows.Count);
    }

    /// <summary>So many rows reach that score elsewhere.</summary>
    public void Raise(double cut) => Cut = Math.Max(Cut, cut);

    public void AddAll(Nearest other)
    {
        foreach (var (lowest, _) in other._certain.UnorderedItems) Certain(lowest);
        Raise(other.Cut);
        _rows.AddRange(other._rows);
    }

    /// <summary>What reaches the cut, highest first.</summary>
    public List<Candidate> ToSorted()
    {
        Prune();
        _rows.Sort((a, b) => a.Highest != b.Highest ? b.Highest.CompareTo(a.Highest) : a.SampleId.CompareTo(b.SampleId));
        return _rows;
    }

    void Certain(double lowest)
    {
        if (lowest <= Cut) return;
        if (_certain.Count < most) _certain.Enqueue(lowest, lowest);
        else _certain.EnqueueDequeue(lowest, lowest);
        if (_certain.Count == most) Raise(_certain.Peek());
    }

    void Prune() => _rows.RemoveAll(r => r.Highest < Cut);
}
