using EdgeFace.Evaluation.Data;
using EdgeFace.Evaluation.Results;

namespace EdgeFace.App.Output;

sealed record AtFmrJson(double Fmr, EstimateJson Threshold, EstimateJson Fnmr, long? FalseMatches, long? Misses);

sealed record FoldJson(int Fold, int Pairs, double Threshold, double Accuracy);

sealed record SearchJson(string Gallery, int People, double Rank1, double Rank5, EstimateJson FnirAtFpir10, EstimateJson FnirAtFpir1);

sealed record RateJson(long Count, long Total);

sealed record GroupJson(string Group, RateJson Fmr, RateJson Fnmr);

sealed record GroupsJson(string Column, double Fmr, double Threshold, GroupJson[] Groups, EstimateJson FmrMaxOverMin, EstimateJson FnmrMaxOverMin);

sealed record DiscardPointJson(double Quality, double Discarded, RateJson Fnmr);

sealed record DiscardJson(string Quality, double Fmr, double? Threshold, long WithoutQuality, double? MeanFnmr, DiscardPointJson[] Points);

sealed record ReferenceTarJson(double Far, double? Mean, double? StandardDeviation, double? FarMeasured, string? Unsupported);

sealed record PublishedJson(double? Lfw, double? CfpFp, double? AgeDb30, double? IjbB, double? IjbC)
{
    public static PublishedJson Of(Benchmark? benchmark, double percent)
    {
        return new(On(Benchmark.Lfw), On(Benchmark.CfpFp), On(Benchmark.AgeDb30), On(Benchmark.IjbB), On(Benchmark.IjbC));

        double? On(Benchmark other) => benchmark == other ? percent : null;
    }
}

sealed record ExpectedFpirJson(double Fmr, long People, double Fpir);

sealed record EvaluatedJson(string Name, ContractJson Contract, long GenuinePairs, long ImpostorPairs, int Failures, double ImagesPerSecond,
    double? Accuracy, double? AccuracyStandardDeviation, EstimateJson? Auc, EstimateJson Eer, AtFmrJson[] AtFmr, FoldJson[] Folds,
    SearchJson[] Searches, GroupsJson[] Groups, ReferenceTarJson? ReferenceTar, ExpectedFpirJson[] ExpectedFpir,
    DiscardJson[] ErrorVersusDiscard, int SuspiciousPairs, double? AccuracyLow, double? AccuracyHigh, PublishedJson? Published,
    double? ScoringSeconds, string? AccuracyUnsupported);

sealed record EvalJson(string Schema, string Protocol, string Data, string Format, int Images, int People, int Pairs,
    string[] Problems, long ProblemCount, EvaluatedJson[] Models)
{
    public static EvalJson Of(string protocol, DataSet set, IReadOnlyList<DataProblems> problems, IReadOnlyList<ModelResult> models)
        => new("edgeface.eval.v1", protocol, set.Source, set.Format, set.Images.Count, set.People.Count, set.Pairs.Count,
            [.. problems.SelectMany(p => p).Take(100).Select(p => p.ToString())], problems.Sum(p => p.Total), [.. models.Select(Model)]);

    static EvaluatedJson Model(ModelResult m) => new(m.Name, ContractJson.Of(m.Contract), m.GenuinePairs, m.ImpostorPairs, m.Failures,
        Math.Round(m.ImagesPerSecond, 1), m.Protocol?.Accuracy, m.Protocol?.AccuracyStandardDeviation,
        m.Auc is { } auc ? EstimateJson.Of(auc) : null, EstimateJson.Of(m.Eer),
        [.. m.AtFmr.Select(f => new AtFmrJson(
            f.Fmr, EstimateJson.Of(f.Threshold), EstimateJson.Of(f.Fnmr), f.Point?.Fmr.Count, f.Point?.Fnmr.Count))],
        [.. (m.Protocol?.Folds ?? []).Select(f => new FoldJson(f.Fold, f.Pairs, f.ScoreThreshold, f.Accuracy))],
        [.. m.Searches.Select(s => new SearchJson(
            s.Gallery, s.People, s.Rank1.Value, s.Rank5.Value, EstimateJson.Of(s.AtFpir10.Fnir), EstimateJson.Of(s.AtFpir1.Fnir)))],
        [.. m.Groups.Select(g => new GroupsJson(g.Column, g.Fmr, g.Table.Threshold,
            [.. g.Table.Rows.Select(r => new GroupJson(r.Group, new(r.Fmr.Count, r.Fmr.Total), new(r.Fnmr.Count, r.Fnmr.Total)))],
            EstimateJson.Of(g.Table.Fmr.MaxOverMin), EstimateJson.Of(g.Table.Fnmr.MaxOverMin)))],
        m.Protocol?.Tar is { } tar ? new(tar.Target, tar.Mean, tar.StandardDeviation, tar.Far, tar.Unsupported) : null,
        [.. m.ExpectedFpir.Select(e => new ExpectedFpirJson(e.Fmr, e.People, e.Fpir))],
        [.. m.Discards.Select(d => new DiscardJson(d.Quality, d.Fmr, d.Curve?.Threshold, d.WithoutQuality, d.Curve?.MeanFnmr(),
            d.Curve is { } curve
                ? [.. ModelResult.DiscardShares.Select(curve.At).Distinct()
                    .Select(p => new DiscardPointJson(p.Quality, p.Discarded, new(p.Fnmr.Count, p.Fnmr.Total)))]
                : []))],
        m.SuspiciousPairs, m.Protocol?.AccuracyInterval?.Low, m.Protocol?.AccuracyInterval?.High,
        m.Published is { } percent ? PublishedJson.Of(m.Benchmark, percent) : null, m.ScoringSeconds, m.ProtocolUnsupported);
}
