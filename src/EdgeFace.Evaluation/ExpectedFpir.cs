namespace EdgeFace.Evaluation;

/// <summary>The false positive identification rate to expect of searches in a gallery, by <see cref="SearchRates.Fpir"/>.</summary>
/// <param name="Fmr">False match rate of the threshold.</param>
/// <param name="People">People in the gallery.</param>
/// <param name="Fpir">The share of searches for strangers that find somebody.</param>
public sealed record ExpectedFpir(double Fmr, long People, double Fpir)
{
    /// <summary>Sizes of galleries that are reported where none is asked for.</summary>
    public static IReadOnlyList<long> UsualGalleries { get; } = [100, 1_000, 10_000];

    /// <summary>For every rate and every size.</summary>
    /// <param name="fmrs">False match rates.</param>
    /// <param name="galleries">Numbers of people.</param>
    public static IReadOnlyList<ExpectedFpir> Of(IEnumerable<double> fmrs, IReadOnlyList<long> galleries)
        => [.. fmrs.SelectMany(fmr => galleries.Select(people => new ExpectedFpir(fmr, people, SearchRates.Fpir(fmr, people))))];
}
