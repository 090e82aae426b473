namespace EdgeFace.Evaluation;

/// <summary>A point of an error-versus-discard curve.</summary>
/// <param name="Quality">Pairs below this quality are discarded.</param>
/// <param name="Discarded">Share of pairs discarded.</param>
/// <param name="Fnmr">False non-matches among the pairs that remain.</param>
public readonly record struct DiscardPoint(double Quality, double Discarded, Proportion Fnmr);

/// <summary>
/// How the false non-match rate falls as pairs of low quality are discarded: a good quality score discards those that fail first (Grother
/// and Tabassi, TPAMI 29, 2007; ISO/IEC 29794-1). The quality of a pair is the lower one of its two images. Pairs of equal quality go
/// together, so the curve does not depend on the order of the input; it has one point for each distinct quality.
/// </summary>
public sealed class ErrorVersusDiscard
{
    ErrorVersusDiscard(double threshold, IReadOnlyList<DiscardPoint> points) => (Threshold, Points) = (threshold, points);

    /// <summary>The threshold of the score, fixed for the whole curve.</summary>
    public double Threshold { get; }

    /// <summary>The points, nothing discarded first, all but the best quality last.</summary>
    public IReadOnlyList<DiscardPoint> Points { get; }

    /// <summary>Computes the curve.</summary>
    /// <param name="genuine">Scores of genuine pairs.</param>
    /// <param name="qualityA">Quality of each pair's first image; higher is better, in any unit.</param>
    /// <param name="qualityB">Quality of each pair's second image.</param>
    /// <param name="threshold">The score's threshold.</param>
    /// <exception cref="EvaluationDataException">No pairs, a value that is not finite, or lists of different lengths.</exception>
    public static ErrorVersusDiscard Curve(ReadOnlySpan<float> genuine, ReadOnlySpan<float> qualityA, ReadOnlySpan<float> qualityB, double threshold)
    {
        EvaluationDataException.RequireThreshold(threshold);
        EvaluationDataException.RequireEqualLengths(genuine.Length, qualityA.Length, "qualities of first images");
        EvaluationDataException.RequireEqualLengths(genuine.Length, qualityB.Length, "qualities of second images");
        EvaluationDataException.RequireFinite(genuine, "genuine score");
        EvaluationDataException.RequireFinite(qualityA, "quality of first image");
        EvaluationDataException.RequireFinite(qualityB, "quality of second image");
        if (genuine.Length == 0) throw new EvaluationDataException("there are no genuine pairs");
        var quality = new float[genuine.Length];
        for (var i = 0; i < quality.Length; i++) quality[i] = Math.Min(qualityA[i], qualityB[i]);
        var scores = genuine.ToArray();
        Array.Sort(quality, scores);
        long missed = scores.LongCount(s => s < threshold);
        var points = new List<DiscardPoint>();
        for (var i = 0; i < quality.Length;)
        {
            points.Add(new(quality[i], (double)i / quality.Length, new(missed, quality.Length - i)));
            for (var of = quality[i]; i < quality.Length && quality[i] == of; i++)
                if (scores[i] < threshold) missed--;
        }
        return new(threshold, points);
    }

    /// <summary>The point where a share of the pairs is discarded: the last one that does not exceed it.</summary>
    /// <param name="share">A share of pairs in [0, 1].</param>
    public DiscardPoint At(double share)
    {
        if (!(share is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "a share of pairs lies in [0, 1]");
        return Points.Last(p => p.Discarded <= share);
    }

    /// <summary>
    /// The area under the curve from 0 to a share of discarded pairs, divided by that share: a mean FNMR, lower is better. Between points
    /// the rate is that of the last point, as no pairs can be discarded there.
    /// </summary>
    /// <param name="limit">The share; 0.2 is usual.</param>
    public double MeanFnmr(double limit = 0.2)
    {
        if (!(limit is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(limit), limit, "a share of pairs lies in (0, 1]");
        var area = 0.0;
        for (var i = 0; i < Points.Count && Points[i].Discarded < limit; i++)
        {
            var end = i + 1 < Points.Count ? Math.Min(limit, Points[i + 1].Discarded) : limit;
            area += (end - Points[i].Discarded) * Points[i].Fnmr.Value;
        }
        return area / limit;
    }
}
