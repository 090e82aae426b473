namespace EdgeFace.Evaluation;

/// <summary>One fold of the pairs protocol.</summary>
/// <param name="Fold">Its number, as given.</param>
/// <param name="Pairs">Pairs in it.</param>
/// <param name="DistanceThreshold">The squared distance below which a pair is called the same person, chosen on the other folds.</param>
/// <param name="Accuracy">Share of its pairs that are told rightly.</param>
/// <param name="Tar">TAR at the threshold that gives the FAR on the other folds; null where either side is missing here or there.</param>
/// <param name="Far">FAR measured in this fold at that threshold.</param>
public sealed record PairsFold(int Fold, int Pairs, double DistanceThreshold, double Accuracy, double? Tar, double? Far)
{
    /// <summary>The same threshold on the score of embeddings of length 1: <c>1 - distance / 2</c>, to be exceeded.</summary>
    public double ScoreThreshold => 1 - DistanceThreshold / 2;
}

/// <summary>
/// TAR at a FAR as the reference implementation computes it, for comparison with published tables.
/// <see cref="Metrics.TarAtFar"/> is the rate to rely on.
/// </summary>
/// <param name="Target">The FAR aimed at.</param>
/// <param name="Mean">Mean over the folds that have both kinds of pairs; null where none has.</param>
/// <param name="StandardDeviation">Standard deviation over these folds, of the population.</param>
/// <param name="Far">Mean FAR measured.</param>
/// <param name="Unsupported">Why the figure must not be relied on; null where the pairs support it.</param>
public sealed record ReferenceTar(double Target, double? Mean, double? StandardDeviation, double? Far, string? Unsupported);

/// <summary>Result of the pairs protocol.</summary>
/// <param name="Folds">The folds, by number.</param>
/// <param name="Accuracy">Mean accuracy of the folds.</param>
/// <param name="AccuracyStandardDeviation">Standard deviation of the folds' accuracies, of the population.</param>
/// <param name="Tar">TAR at FAR 1e-3.</param>
public sealed record PairsResult(IReadOnlyList<PairsFold> Folds, double Accuracy, double AccuracyStandardDeviation, ReferenceTar Tar)
{
    /// <summary>
    /// The 95 % interval of <see cref="Accuracy"/> by <see cref="PairsProtocol.AccuracyInterval"/>; null where people are not known.
    /// </summary>
    public Interval? AccuracyInterval { get; init; }
}

/// <summary>A person whose images lie in several folds, so that thresholds are chosen on people they are tested with.</summary>
/// <param name="Person">The person's number.</param>
/// <param name="Folds">The folds, ascending.</param>
public sealed record FoldLeak(int Person, IReadOnlyList<int> Folds);
