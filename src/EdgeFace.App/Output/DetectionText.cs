using EdgeFace.App.Reports;

namespace EdgeFace.App.Output;

/// <summary>Evaluations of detectors as text for people.</summary>
sealed class DetectionText(Terminal terminal)
{
    const int MostFailures = 5;

    /// <summary>The pictures that could not be used, on stderr.</summary>
    public void Failures(IReadOnlyList<ErrorJson> errors)
    {
        foreach (var error in errors.Take(MostFailures)) terminal.Error.WriteLine($"edgeface: {error.Message}");
        if (errors.Count <= MostFailures) return;
        terminal.Error.WriteLine($"edgeface: and {errors.Count - MostFailures} more pictures that cannot be used; --json lists all");
    }

    public void Write(DetectionRun run)
    {
        var all = run.Detectors[0].Result;
        var pictures = FormattableString.Invariant($"{all.Pictures:n0} pictures, {all.PicturesWithoutFaces:n0} of them without faces");
        var faces = FormattableString.Invariant($"{all.All.Faces:n0} faces, {all.IgnoredFaces:n0} ignored");
        terminal.Out.WriteLine($"{run.Source}{(run.Set is { } set ? $", set {set}" : "")}: {pictures}; {faces}");
        if (run.Failures.Count > 0) terminal.Out.WriteLine($"{run.Failures.Count} pictures could not be used and count nowhere");
        terminal.Table(["", .. run.Detectors.Select(d => d.Name)], DetectionTables.Summary(run.Detectors));
        foreach (var detector in run.Detectors)
        {
            var result = detector.Result;
            Table($"{detector.Name} by annotated width in pixels", DetectionTables.PartHeadings("width", result),
                DetectionTables.Parts(result.Sizes));
            Table($"{detector.Name} by label", DetectionTables.LabelHeadings(result), DetectionTables.Labels(result));
            if (run.By is not { } by) continue;
            Table($"{detector.Name} by {by}", DetectionTables.PartHeadings(by, result), DetectionTables.Groups(detector.Groups));
            Table($"{detector.Name} on pictures without faces", DetectionTables.EmptyHeadings(by, result),
                DetectionTables.EmptyPictures(detector.Groups));
        }
    }

    void Table(string title, string[] headings, IEnumerable<string[]> rows)
    {
        string[][] all = [.. rows];
        if (all.Length == 0) return;
        terminal.Out.WriteLine(title);
        terminal.Table(headings, all);
    }
}
