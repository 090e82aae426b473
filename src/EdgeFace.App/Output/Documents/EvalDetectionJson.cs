using EdgeFace.App.Reports;
using EdgeFace.Evaluation;

namespace EdgeFace.App.Output;

sealed record RecallJson(double FalsePositivesPerPicture, double? Score, EstimateJson Recall);

sealed record AtScoreJson(
    double Score, bool Recommended, EstimateJson Recall, EstimateJson Precision, long TruePositives, long FalsePositives,
    EstimateJson FalsePositivesPerPicture, long OnPicturesWithoutFaces, EstimateJson PerPictureWithoutFaces)
{
    public static AtScoreJson Of(DetectionScorePoint p, bool recommended, Estimate recall) => new(
        p.Score, recommended, EstimateJson.Of(recall), EstimateJson.Of(p.Precision), p.TruePositives, p.FalsePositives,
        EstimateJson.Of(p.FalsePositivesPerPicture), p.OnPicturesWithoutFaces, EstimateJson.Of(p.PerPictureWithoutFaces));
}

sealed record LandmarkErrorJson(long Faces, EstimateJson Mean, EstimateJson Median, EstimateJson Percentile95)
{
    public static LandmarkErrorJson Of(LandmarkErrors e)
        => new(e.Faces, EstimateJson.Of(e.Mean), EstimateJson.Of(e.Median), EstimateJson.Of(e.Percentile95));
}

sealed record FaceFiguresJson(
    string Name, long Faces, EstimateJson AveragePrecision, EstimateJson[] RecallAtFalsePositives, EstimateJson[] RecallAtScores,
    LandmarkErrorJson LandmarkError)
{
    public static FaceFiguresJson Of(FaceFigures f) => new(
        f.Name, f.Faces, EstimateJson.Of(f.AveragePrecision), [.. f.RecallAtRates.Select(EstimateJson.Of)],
        [.. f.RecallAtScores.Select(EstimateJson.Of)], LandmarkErrorJson.Of(f.Landmarks));
}

sealed record CurvePointJson(double Score, double Recall, double Precision, double FalsePositivesPerPicture);

sealed record DetectionResultJson(
    string Name, int Pictures, int PicturesWithoutFaces, long Faces, long IgnoredFaces, EstimateJson AveragePrecision, RecallJson[] AtFalsePositives,
    AtScoreJson[] AtScores, LandmarkErrorJson LandmarkError, FaceFiguresJson[] Sizes, FaceFiguresJson[] Labels, CurvePointJson[] Curve)
{
    const int MostPoints = 100;

    public static DetectionResultJson Of(string name, DetectionResult r) => new(
        name, r.Pictures, r.PicturesWithoutFaces, r.All.Faces, r.IgnoredFaces, EstimateJson.Of(r.All.AveragePrecision),
        [.. r.Rates.Select((p, i) => new RecallJson(p.Target, p.Score, EstimateJson.Of(r.All.RecallAtRates[i])))],
        [.. r.Scores.Select((p, i) => AtScoreJson.Of(p, p.Score == r.RecommendedScore, r.All.RecallAtScores[i]))],
        LandmarkErrorJson.Of(r.All.Landmarks), [.. r.Sizes.Select(FaceFiguresJson.Of)], [.. r.Labels.Select(FaceFiguresJson.Of)],
        [.. Points(r.Curve)]);

    static IEnumerable<CurvePointJson> Points(IReadOnlyList<DetectionCurvePoint> curve)
    {
        var count = Math.Min(MostPoints, curve.Count);
        for (var i = 0; i < count; i++)
        {
            var p = curve[count == 1 ? 0 : (int)((long)i * (curve.Count - 1) / (count - 1))];
            yield return new(p.Score, p.Recall, p.Precision, p.FalsePositivesPerPicture);
        }
    }
}

sealed record FalseDetectionJson(string File, float Score, BoxJson Box)
{
    public static FalseDetectionJson Of(NotedDetection noted)
    {
        var b = noted.Face.Box;
        return new(noted.Image.Name, noted.Face.Score, BoxJson.Of(new(b.Left, b.Top, b.Right, b.Bottom)));
    }
}

sealed record DetectorJson(
    string Name, string Version, double RecommendedScore, DetectionResultJson All, DetectionResultJson[] Groups, FalseDetectionJson[] HighestFalse)
{
    public static DetectorJson Of(DetectorResult d) => new(
        d.Name, d.Version, d.Result.RecommendedScore, DetectionResultJson.Of("all", d.Result),
        [.. d.Groups.Select(g => DetectionResultJson.Of(g.Name, g.Result))], [.. d.HighestFalse.Select(FalseDetectionJson.Of)]);
}

sealed record EvalDetectionJson(
    string Schema, string[] Data, string? Set, string? By, double MinScore, double MinIou, string[] Problems, long ProblemCount, ErrorJson[] Errors,
    DetectorJson[] Detectors)
{
    const int MostProblems = 100;

    public static EvalDetectionJson Of(DetectionRun run, ErrorJson[] errors) => new(
        "edgeface.eval-detection.v1", [.. run.Lists.Select(l => l.Source)], run.Set, run.By, run.MinScore, run.MinIou,
        [.. run.Lists.SelectMany(l => l.Problems).Take(MostProblems).Select(p => p.ToString())], run.Lists.Sum(l => l.Problems.Total), errors,
        [.. run.Detectors.Select(DetectorJson.Of)]);
}
