namespace EdgeFace.Evaluation;

/// <summary>
/// What is kept of pairs of which there may be too many: the first of their order one by one, and behind them samples that become thinner the
/// further behind. A pair of level L stands for 2^L pairs.
/// </summary>
/// <param name="Pairs">In their order, the worst first.</param>
/// <param name="Ends">Where each level ends among them, from level 0, of which every pair is kept.</param>
/// <param name="Even">An even sample of all pairs: all of them if there is one level only.</param>
sealed record KeptPairs(ScoredPair[] Pairs, int[] Ends, ScoredPair[] Even)
{
    /// <summary>The pairs before which, in the order, no pair is missing.</summary>
    public ArraySegment<ScoredPair> Whole => new(Pairs, 0, Ends[0]);

    /// <summary>The same pairs with the sign of their scores turned: lowest first.</summary>
    public KeptPairs Turned() => this with { Pairs = Turned(Pairs), Even = Turned(Even) };

    static ScoredPair[] Turned(ScoredPair[] pairs) => [.. pairs.Select(p => p with { Score = -p.Score })];
}
