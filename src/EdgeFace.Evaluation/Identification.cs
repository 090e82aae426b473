namespace EdgeFace.Evaluation;

/// <summary>One search of a probe in a gallery.</summary>
/// <param name="Probe">Index of the probe.</param>
/// <param name="TopScore">The highest score in the gallery.</param>
/// <param name="MateScore">The score of the probe's own person; null where that person is not in the gallery.</param>
/// <param name="MateRank">How many people score at least as high as the probe's own, counting that one: 1 is a hit, and a tie
/// counts against it.</param>
/// <param name="OtherScore">The highest score of the other people; negative infinity where the gallery holds nobody else.</param>
public readonly record struct SearchResult(int Probe, float TopScore, float? MateScore, int? MateRank, float OtherScore);

/// <summary>What holds at the lowest threshold whose false positive identification rate does not exceed a target.</summary>
/// <param name="Fpir">The target.</param>
/// <param name="Threshold">The threshold.</param>
/// <param name="Fnir">The false negative identification rate there.</param>
public sealed record FixedFpir(double Fpir, Estimate Threshold, Estimate Fnir);

/// <summary>
/// 1:N searches after ISO/IEC 19795-1: a <em>mated</em> search is of a person in the gallery, a <em>non-mated</em> one of somebody else. A
/// person's score is the highest of that person's entries.
/// </summary>
public sealed class Identification
{
    readonly int _mated;
    float[] _nonMated; // top scores, descending

    Identification(IReadOnlyList<SearchResult> searches, int people)
    {
        (Searches, GalleryPeople) = (searches, people);
        _mated = searches.Count(s => s.MateScore is not null);
        _nonMated = [.. searches.Where(s => s.MateScore is null).Select(s => s.TopScore).OrderDescending()];
    }

    /// <summary>The searches in the order of the probes.</summary>
    public IReadOnlyList<SearchResult> Searches { get; }

    /// <summary>People in the gallery.</summary>
    public int GalleryPeople { get; }

    /// <summary>
    /// Mated searches that did not take place, because the probe or all enrolled images of its person gave no embedding. They count as not found.
    /// </summary>
    public long MatedFailures { get; private init; }

    /// <summary>Non-mated searches that did not take place. They count as no false positive.</summary>
    public long NonMatedFailures { get; private init; }

    /// <summary>Searches all probes.</summary>
    /// <param name="gallery">One row for each entry, of length 1.</param>
    /// <param name="galleryPeople">The person of each entry.</param>
    /// <param name="probes">One row for each probe, of length 1.</param>
    /// <param name="probePeople">The person of each probe.</param>
    /// <param name="dimension">Values of an embedding.</param>
    /// <param name="matedFailures">See <see cref="MatedFailures"/>.</param>
    /// <param name="nonMatedFailures">See <see cref="NonMatedFailures"/>.</param>
    /// <exception cref="EvaluationDataException">The gallery is empty, an embedding is not finite or not of length 1, or the
    /// lengths do not fit.</exception>
    public static Identification Search(ReadOnlyMemory<float> gallery, IReadOnlyList<int> galleryPeople, ReadOnlyMemory<float> probes,
        IReadOnlyList<int> probePeople, int dimension, long matedFailures = 0, long nonMatedFailures = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentOutOfRangeException.ThrowIfNegative(matedFailures);
        ArgumentOutOfRangeException.ThrowIfNegative(nonMatedFailures);
        ArgumentNullException.ThrowIfNull(galleryPeople);
        ArgumentNullException.ThrowIfNull(probePeople);
        if (galleryPeople.Count == 0) throw new EvaluationDataException("the gallery is empty");
        AllPairs.CheckRows(gallery.Span, dimension, galleryPeople.Count);
        AllPairs.CheckRows(probes.Span, dimension, probePeople.Count);
        var numbers = new PersonNumbers();
        int[] person = [.. galleryPeople.Select(numbers.Of)];
        var people = numbers.Count;
        // A probe's person who is not in the gallery gets a number beyond those of the gallery.
        int[] probePerson = [.. probePeople.Select(numbers.Of)];

        var searches = new SearchResult[probePerson.Length];
        // Each holds a score for every person.
        var cores = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, (probePerson.Length + DotBlocks.Rows - 1) / DotBlocks.Rows, cores, block =>
        {
            int first = block * DotBlocks.Rows, rows = Math.Min(DotBlocks.Rows, probePerson.Length - first);
            var scores = new float[DotBlocks.Rows * DotBlocks.Rows];
            var best = new float[rows * people];
            Array.Fill(best, float.NegativeInfinity);
            for (var g = 0; g < person.Length; g += DotBlocks.Rows)
            {
                var width = Math.Min(DotBlocks.Rows, person.Length - g);
                DotBlocks.Compute(probes.Span.Slice(first * dimension, rows * dimension),
                    gallery.Span.Slice(g * dimension, width * dimension), dimension, scores);
                for (var r = 0; r < rows; r++)
                    for (var c = 0; c < width; c++)
                    {
                        ref var of = ref best[r * people + person[g + c]];
                        of = Math.Max(of, scores[r * width + c]);
                    }
            }
            for (var r = 0; r < rows; r++) searches[first + r] = Result(first + r, best.AsSpan(r * people, people), probePerson[first + r]);
        });
        return new(searches, people) { MatedFailures = matedFailures, NonMatedFailures = nonMatedFailures };
    }

    /// <summary>
    /// The same searches, each mated one counted as a non-mated one too: that of a gallery without the probe's own person. A failed mated
    /// search counts as a failed non-mated one then.
    /// </summary>
    public Identification WithMatesLeftOut()
        => new(Searches, GalleryPeople)
        {
            _nonMated = [.. Searches.Select(s => s.OtherScore).OrderDescending()],
            MatedFailures = MatedFailures,
            NonMatedFailures = NonMatedFailures + MatedFailures,
        };

    /// <summary>
    /// The closed-set rate: mated searches that find the person among the first <paramref name="rank"/>, of all that were attempted.
    /// </summary>
    public Proportion FoundWithin(int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rank);
        return new(Searches.Count(s => s.MateRank <= rank), _mated + MatedFailures);
    }

    /// <summary>
    /// The false positive identification rate: non-mated searches with any score of at least the threshold, of all that were attempted.
    /// </summary>
    public Proportion Fpir(double threshold)
    {
        EvaluationDataException.RequireThreshold(threshold);
        return new(_nonMated.Count(s => s >= threshold), _nonMated.Length + NonMatedFailures);
    }

    /// <summary>
    /// The false negative identification rate: mated searches that do not find the person with a score of at least the threshold among the
    /// first <paramref name="rank"/>.
    /// </summary>
    public Proportion Fnir(double threshold, int rank = 1)
    {
        EvaluationDataException.RequireThreshold(threshold);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rank);
        return new(Searches.Count(s => s.MateScore is { } score && !(score >= threshold && s.MateRank <= rank)) + MatedFailures,
            _mated + MatedFailures);
    }

    /// <summary>
    /// FNIR at a FPIR: at the best threshold that does not exceed the target. Not supported where fewer than thirty false
    /// positives are to be expected.
    /// </summary>
    /// <exception cref="EvaluationDataException">The target does not lie between 0 and 1.</exception>
    public FixedFpir AtFpir(double target, int rank = 1)
    {
        EvaluationDataException.RequireRate(target);
        var total = _nonMated.Length + NonMatedFailures;
        if (!Intervals.RuleOfThirty(target, total))
        {
            var none = Estimate.NotSupported(
                FormattableString.Invariant($"FPIR {target:g3} of {total} non-mated searches is {target * total:0.##} false positives, ")
                + $"and a rate must rest on {Intervals.LeastErrors} (rule of 30)");
            return new(target, none, none);
        }
        var allowed = TailScores.Allowed(target, total);
        // Failures alone may keep the rate below the target; then every threshold does, down to the lowest score there is.
        double threshold = allowed < _nonMated.Length ? MathF.BitIncrement(_nonMated[allowed]) : -1;
        return new(target, new(threshold), Fnir(threshold, rank).ToEstimate("mated searches"));
    }

    static SearchResult Result(int probe, ReadOnlySpan<float> best, int person)
    {
        float top = float.NegativeInfinity, other = float.NegativeInfinity;
        for (var i = 0; i < best.Length; i++)
        {
            top = Math.Max(top, best[i]);
            if (i != person) other = Math.Max(other, best[i]);
        }
        if (person >= best.Length) return new(probe, top, null, null, other);
        var rank = 0;
        foreach (var score in best)
            if (score >= best[person]) rank++;
        return new(probe, top, best[person], rank, other);
    }
}
