namespace EdgeFace.Evaluation;

/// <summary>
/// Keeps pairs of a stream, highest score first. Level 0 keeps the highest of all pairs, level L the highest of those whose hash ends in L zero
/// bits, each the same number: so a level reaches twice as far as the one before, and of what lies between the two it holds an even sample of half
/// as many. The hash is of the pair alone: what is kept does not depend on the order of arrival.
/// </summary>
/// <param name="most">Pairs a level keeps.</param>
/// <param name="levels">Number of levels.</param>
sealed class PairKeeper(int most, int levels)
{
    readonly HighestPairs[] _levels = [.. Enumerable.Range(0, levels).Select(_ => new HighestPairs(most))];

    /// <summary>
    /// How many levels reach as far as a number of pairs. A level takes a quarter less than it keeps, so that chance leaves nothing of it out.
    /// </summary>
    public static int LevelsFor(long pairs, int most)
    {
        var levels = 1;
        for (var reach = (double)most; reach < pairs; reach = 0.75 * most * Math.Pow(2, levels++)) { }
        return levels;
    }

    /// <summary>Pairs below it need not be offered.</summary>
    public float Cut => _levels[^1].Cut;

    /// <summary>Whether a pair has to be added. Any thread may ask, while another adds: at worst it hears yes in vain.</summary>
    public bool Wants(ScoredPair pair)
    {
        for (var level = Math.Min(_levels.Length - 1, ZeroBits(pair)); level >= 0; level--)
            if (pair.Score >= _levels[level].Cut) return true;
        return false;
    }

    public void Add(ScoredPair pair)
    {
        for (var level = Math.Min(_levels.Length - 1, ZeroBits(pair)); level >= 0; level--)
            if (pair.Score >= _levels[level].Cut) _levels[level].Add(pair);
    }

    public KeptPairs ToSorted()
    {
        List<ScoredPair> pairs = [];
        var ends = new int[_levels.Length];
        ScoredPair[] level = [];
        for (var l = 0; l < _levels.Length; l++)
        {
            level = _levels[l].ToSorted();
            var last = pairs.Count == 0 ? default(ScoredPair?) : pairs[^1];
            pairs.AddRange(last is { } end ? level.SkipWhile(p => ScoredPair.HighestFirst(p, end) <= 0) : level);
            ends[l] = pairs.Count;
        }
        return new([.. pairs], ends, level);
    }

    // SplitMix64's finaliser: its low bits depend on all bits of both images.
    static int ZeroBits(ScoredPair pair)
    {
        var z = ((ulong)(uint)pair.A << 32) | (uint)pair.B;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return System.Numerics.BitOperations.TrailingZeroCount(z ^ (z >> 31));
    }
}
