using System.Globalization;
using System.Text;
using EdgeFace.Evaluation;
using static EdgeFace.App.Reports.HtmlPage;

namespace EdgeFace.App.Reports;

/// <summary>The page of <see cref="DetectionProtocol"/>: self-contained, no script, nothing loaded from anywhere.</summary>
static class DetectionReport
{
    const int MostFalse = 12;

    /// <summary>Writes the page.</summary>
    /// <param name="facts">What it says besides results; its thumbnails are not used.</param>
    /// <param name="run">The results.</param>
    /// <param name="drawn">A picture with a detection drawn into it and its media type, or null where there is none.</param>
    public static string Write(ReportFacts facts, DetectionRun run, Func<NotedDetection, (byte[] Bytes, string MediaType)?> drawn)
    {
        var page = Begin(facts);
        Data(page, run);
        page.Append("<h2>Detectors</h2>\n");
        Table(page, ["", .. run.Detectors.Select(d => d.Name)], DetectionTables.Summary(run.Detectors));
        page.Append("<p class=\"muted\">A detection has found a face where their intersection over union is at least ")
            .Append(run.MinIou.ToString(CultureInfo.InvariantCulture))
            .Append(", or where all four points lie in it and it is not too wide. Many false detections are faces that nobody annotated: ")
            .Append("look at them before believing a curve. Intervals are 95 %, over pictures. ")
            .Append("Landmark errors are in distances of the annotated eyes.</p>\n");
        page.Append("<h2>Curves</h2>\n<div class=\"plots\">")
            .Append(Plots.Lines("recall over false detections", "false detections a picture", "recall",
                Curves(run, p => (p.FalsePositivesPerPicture, p.Recall)), least: 1e-3))
            .Append(Plots.Lines("precision over recall", "recall", "precision", Curves(run, p => (p.Recall, p.Precision)), least: null))
            .Append("</div>\n");
        foreach (var detector in run.Detectors) Detector(page, run, detector, drawn);
        return End(page);
    }

    static (string, IEnumerable<(double, double)>)[] Curves(DetectionRun run, Func<DetectionCurvePoint, (double, double)> at)
        => [.. run.Detectors.Select(d => (d.Name, d.Result.Curve.Select(at)))];

    static void Data(StringBuilder page, DetectionRun run)
    {
        var result = run.Detectors[0].Result;
        page.Append("<h2>Data</h2>\n");
        Table(page, null,
        [
            .. run.Lists.Select(l => (string[])["annotations", $"{l.Source} ({l.Format})"]),
            .. run.Set is { } set ? (string[][])[["set", set]] : [],
            ["pictures", $"{Count(result.Pictures)}, {Count(result.PicturesWithoutFaces)} of them without faces"],
            ["faces", $"{Count(result.All.Faces)}, and {Count(result.IgnoredFaces)} ignored"],
            .. run.Failures.Count > 0 ? (string[][])[["pictures that could not be used", Count(run.Failures.Count)]] : [],
        ]);
        Problems(page, [.. run.Lists.Select(l => l.Problems)]);
    }

    static void Detector(
        StringBuilder page, DetectionRun run, DetectorResult detector, Func<NotedDetection, (byte[] Bytes, string MediaType)?> drawn)
    {
        var result = detector.Result;
        page.Append($"<h2>{Text(detector.Name)}</h2>\n<p><code>{Text(detector.Version)}</code></p>\n<h3>By annotated width in pixels</h3>\n");
        Table(page, DetectionTables.PartHeadings("width", result), DetectionTables.Parts(result.Sizes));
        if (result.Labels.Count > 0)
        {
            page.Append("<h3>By label</h3>\n");
            Table(page, DetectionTables.LabelHeadings(result), DetectionTables.Labels(result));
        }
        if (detector.Groups.Count > 0)
        {
            page.Append($"<h3>By {Text(run.By ?? "group")}</h3>\n");
            Table(page, DetectionTables.PartHeadings(run.By ?? "group", result), DetectionTables.Groups(detector.Groups));
            Table(page, DetectionTables.EmptyHeadings(run.By ?? "group", result), DetectionTables.EmptyPictures(detector.Groups));
        }
        if (detector.HighestFalse.Count == 0) return;
        page.Append("<h3>False detections with the highest scores</h3>\n<div class=\"pairs\">");
        foreach (var noted in detector.HighestFalse.Take(MostFalse))
        {
            page.Append("<figure>");
            if (drawn(noted) is { } picture)
                page.Append($"<img style=\"width:15rem;height:auto\" alt=\"{Text(noted.Image.Name)}\" ")
                    .Append($"src=\"data:{picture.MediaType};base64,{Convert.ToBase64String(picture.Bytes)}\">");
            var score = noted.Face.Score.ToString("f3", CultureInfo.InvariantCulture);
            page.Append($"<figcaption>{score}<br>{Text(noted.Image.Name)}</figcaption></figure>");
        }
        page.Append("</div>\n");
    }
}
