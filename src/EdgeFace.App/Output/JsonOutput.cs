using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Evaluation.Results;
using EdgeFace.Vision;

namespace EdgeFace.App.Output;

/// <summary>
/// The documents that <c>--json</c> prints (docs/cli.md). A field's meaning never changes under one schema name; fields may be added.
/// </summary>
static class JsonOutput
{
    public static void Write<T>(Terminal terminal, T document, JsonTypeInfo<T> type)
        => terminal.Layout.WriteLine(JsonSerializer.Serialize(document, type));
}

sealed record BoxJson(float Left, float Top, float Right, float Bottom)
{
    public static BoxJson Of(Box box) => new(Round(box.Left), Round(box.Top), Round(box.Right), Round(box.Bottom));

    internal static float Round(float pixels) => MathF.Round(pixels, 2);
}

sealed record LandmarksJson(float[] LeftEye, float[] RightEye, float[] Nose, float[] LeftMouth, float[] RightMouth)
{
    public static LandmarksJson Of(Landmarks l) => new(At(l.LeftEye), At(l.RightEye), At(l.Nose), At(l.LeftMouth), At(l.RightMouth));

    static float[] At(Point p) => [BoxJson.Round(p.X), BoxJson.Round(p.Y)];
}

sealed record FaceJson(BoxJson Box, LandmarksJson Landmarks, float Score)
{
    public static FaceJson Of(Face face) => new(BoxJson.Of(face.Box), LandmarksJson.Of(face.Landmarks), face.Score);
}

/// <param name="Score">In [0, 1]; null of a model without a gate.</param>
sealed record GateJson(double? Score, bool Recognisable, IReadOnlyList<string> Reasons)
{
    public static GateJson Of(GateJudgement g, FaceGate gate) => new(gate.IsFitted ? Math.Round(g.Score, 4) : null, g.IsRecognisable, g.Reasons);
}

sealed record ContractJson(string Model, string WeightsSha256, int Dimension, string Preprocessing, string Aligner)
{
    public static ContractJson Of(EmbeddingContract c) => new(c.Model, c.WeightsSha256, c.Dimension, c.Preprocessing, c.Aligner);
}

/// <param name="Kind">Who is at fault; null where that is not known of the item alone.</param>
sealed record ErrorJson(string File, string Message, string? Kind = null)
{
    public static ErrorJson Of(string file, Problem problem) => new(file, problem.Message, Text.Kind(problem.Kind));
}

sealed record ComparedJson(string File, int Width, int Height, FaceJson? Face, GateJson Gate);

sealed record CompareJson(string Schema, string Decision, float Score, double Threshold, double? Fmr, ComparedJson A, ComparedJson B,
    ContractJson Contract, string? MeasuredOn, string? Limits);

sealed record DetectedJson(string File, int Width, int Height, FaceJson[] Faces);

sealed record DetectJson(string Schema, DetectedJson[] Images, ErrorJson[] Errors, ErrorJson[] Ignored);

sealed record AlignedJson(string File, FaceJson Face, string Crop);

sealed record AlignJson(string Schema, AlignedJson[] Crops, ErrorJson[] Errors, ErrorJson[] Unanswered, ErrorJson[] Ignored);

sealed record EmbeddedJson(string File, FaceJson? Face, float[] Embedding);

sealed record EmbedJson(string Schema, ContractJson Contract, bool Normalised, EmbeddedJson[] Embeddings, ErrorJson[] Errors,
    ErrorJson[] Unanswered, ErrorJson[] Ignored);

sealed record ModelJson(string Name, string Where, string? Network, long Parameters, long? MultiplyAdds, string Storage,
    string WeightsSha256, ModelCard Card);

sealed record ModelsEntryJson(string Name, string Kind, string State, string Licence, string? Path, string? Url);

sealed record ModelsJson(string Schema, ModelsEntryJson[] Models);

sealed record ShowJson(string Schema, ModelJson Model);

sealed record VerifiedJson(string Name, bool Valid, string? WeightsSha256, string? Problem, string? Kind);

sealed record VerifyJson(string Schema, VerifiedJson[] Models);

sealed record ConvertJson(string Schema, string From, string To, string Storage, long Bytes, string? WeightsSha256);

sealed record PullJson(string Schema, string Name, string Path, long Bytes, string Sha256, bool AlreadyThere);

sealed record KernelSetJson(string Name, bool Accelerated);

sealed record SelfTestJson(bool Passed, double Cosine);

sealed record InfoJson(string Schema, string Version, string Runtime, string System, string Architecture, int Processors,
    string[] CpuFeatures, string Kernels, KernelSetJson[] KernelSets, string? Warning, ModelJson Model, SelfTestJson SelfTest);

sealed record BenchRowJson(string Kernels, double MedianMs, double LowerQuartileMs, double UpperQuartileMs, double BatchImagesPerSecond);

sealed record BenchJson(string Schema, string Model, int Batch, int Threads, BenchRowJson[] Rows);

sealed record EstimateJson(double? Value, double? Low, double? High, string? Unsupported)
{
    public static EstimateJson Of(Estimate e) => new(e.Value, e.Interval?.Low, e.Interval?.High, e.Unsupported);
}

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

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(CompareJson))]
[JsonSerializable(typeof(DetectJson))]
[JsonSerializable(typeof(AlignJson))]
[JsonSerializable(typeof(EmbedJson))]
[JsonSerializable(typeof(ModelsJson))]
[JsonSerializable(typeof(ShowJson))]
[JsonSerializable(typeof(VerifyJson))]
[JsonSerializable(typeof(ConvertJson))]
[JsonSerializable(typeof(PullJson))]
[JsonSerializable(typeof(InfoJson))]
[JsonSerializable(typeof(BenchJson))]
[JsonSerializable(typeof(EvalJson))]
[JsonSerializable(typeof(FittedGateJson))]
[JsonSerializable(typeof(EvalDetectionJson))]
sealed partial class ToolJson : JsonSerializerContext;
