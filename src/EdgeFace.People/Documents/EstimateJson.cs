using EdgeFace.Evaluation;

namespace EdgeFace.People.Documents;

sealed record EstimateJson(double? Value, double? Low, double? High, string? Unsupported)
{
    public static EstimateJson Of(Estimate e) => new(e.Value, e.Interval?.Low, e.Interval?.High, e.Unsupported);
}
