namespace EdgeFace.Evaluation;

/// <summary>What holds at the lowest threshold whose false match rate does not exceed a target.</summary>
/// <param name="Fmr">The target.</param>
/// <param name="Threshold">The threshold, with its interval over people where they are known.</param>
/// <param name="Fnmr">The false non-match rate there: 1 - TAR at FAR, as papers call it.</param>
/// <param name="Point">The counts on these data; also where they support no figure. Null where there are no impostor pairs.</param>
/// <param name="PersonPairs">Distinct pairs of people among the false matches; null where people are not known.</param>
public sealed record FixedFmr(double Fmr, Estimate Threshold, Estimate Fnmr, OperatingPoint? Point, long? PersonPairs);
