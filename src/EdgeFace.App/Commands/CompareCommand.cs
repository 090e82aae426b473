using System.CommandLine;
using EdgeFace.App.Output;
using EdgeFace.Evaluation;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface compare A B</c>: do two photos show the same person?</summary>
static class CompareCommand
{
    const double DefaultFmr = 1e-4;

    public static Command Create(Terminal terminal)
    {
        Argument<string> a = new("a") { Description = "First photo." }, b = new("b") { Description = "Second photo." };
        var model = CommonOptions.Model();
        Option<double?> fmr = new("--fmr") { Description = "Decide at this false match rate, one that the model's card has a threshold for. Default 1e-4.", HelpName = "RATE" };
        Option<double?> threshold = new("--threshold") { Description = "Decide at this cosine instead of one from the model's card.", HelpName = "COSINE" };
        Option<string?> calibration = new("--calibration") { Description = "Take the threshold from this file, made by 'edgeface calibrate' for the same model and pipeline.", HelpName = "FILE" };
        var face = CommonOptions.Face("Without it, several faces in a photo are an error.");
        var mirror = CommonOptions.MirrorSum();
        var aligned = CommonOptions.Aligned();
        var minFace = CommonOptions.MinFace();
        Option<string?> draw = new("--draw") { Description = "Write both photos with their faces side by side as a PNG.", HelpName = "FILE" };
        var json = CommonOptions.Json();
        var command = new Command("compare", "Say whether two photos show the same person: exit code 0 if so, 1 if not.") { a, b, model, fmr, threshold, calibration, face, mirror, aligned, minFace, draw, json };
        command.SetAction(parsed => Run(terminal, parsed.GetRequiredValue(a), parsed.GetRequiredValue(b), parsed.GetValue(model), parsed.GetValue(fmr), parsed.GetValue(threshold), parsed.GetValue(calibration),
            CommonOptions.Choice(parsed.GetValue(face)), parsed.GetValue(mirror), parsed.GetValue(aligned), parsed.Positive(minFace), parsed.GetValue(draw), parsed.GetValue(json)));
        return command;
    }

    static int Run(Terminal terminal, string a, string b, string? model, double? fmr, double? givenThreshold, string? calibration, FaceChoice choice, bool mirror, bool aligned, int minFace, string? draw, bool json)
    {
        if (fmr is not null && givenThreshold is not null) throw new UsageException("--fmr and --threshold exclude each other: one comes from the card, the other from you.");
        if (calibration is not null && givenThreshold is not null) throw new UsageException("--calibration and --threshold exclude each other: one comes from the file, the other from you.");
        if (draw is not null && aligned) throw new UsageException("--draw shows faces in photos; with --aligned there is nothing to mark.");
        using var pipeline = new Pipeline(model, aligned, mirror, minFace);
        var (threshold, rate) = givenThreshold is { } given ? (Checked(given), (double?)null)
            : calibration is not null ? (Calibration.Load(calibration).ThresholdFor(pipeline.Contract, fmr ?? DefaultFmr), fmr ?? DefaultFmr)
            : FromCard(pipeline.Embedder.Card, fmr ?? DefaultFmr, mirror);
        // The second photo waits for nothing of the first.
        var second = Task.Run(() => pipeline.One(b, choice));
        EmbeddedFace first;
        try
        {
            first = pipeline.One(a, choice);
        }
        catch
        {
            // The networks may not be freed under the other photo; its own error, if any, is told when this one is mended.
            second.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
            throw;
        }
        var other = second.GetAwaiter().GetResult();
        var score = first.Embedding.Score(other.Embedding);
        var same = score >= threshold;
        if (draw is not null) ImageCodec.SavePng(Draw(first.Image, first.Face!, other.Image, other.Face!, score, threshold, same), draw);
        if (json)
            JsonOutput.Write(terminal, new("edgeface.compare.v1", same ? "same" : "different", score, threshold, rate, Side(a, first.Image, first.Face), Side(b, other.Image, other.Face),
                ContractJson.Of(pipeline.Contract)), ToolJson.Default.CompareJson);
        else
            Print(terminal, pipeline.Embedder.Card, score, threshold, rate, same, (a, first.Face), (b, other.Face));
        return same ? ExitCode.Done : ExitCode.Negative;
    }

    static double Checked(double threshold) => threshold is >= -1 and <= 1 ? threshold : throw new UsageException($"--threshold is a cosine between -1 and 1, not {threshold}.");

    static (double Threshold, double? Fmr) FromCard(ModelCard card, double fmr, bool mirror)
    {
        if (card.Thresholds.Count == 0)
            throw new UsageException($"the model '{card.Name}' has no calibrated thresholds: say --threshold COSINE. Which one is right depends on the model; calibrate it on photos like yours.");
        var entry = card.ThresholdFor(fmr)
            ?? throw new UsageException($"the card of '{card.Name}' has no threshold for FMR {Text.Rate(fmr)}, only for {string.Join(", ", card.Thresholds.Select(t => Text.Rate(t.Fmr)))}.");
        return (mirror ? entry.MirrorSum : entry.OneCrop, entry.Fmr);
    }

    static ComparedJson Side(string file, RgbImage image, Face? face) => new(file, image.Width, image.Height, face is null ? null : FaceJson.Of(face));

    static void Print(Terminal terminal, ModelCard card, float score, double threshold, double? fmr, bool same, params ReadOnlySpan<(string File, Face? Face)> photos)
    {
        terminal.Out.WriteLine(same ? "same person" : "different people");
        terminal.Out.WriteLine(FormattableString.Invariant($"  score      {score:f3}  (cosine: higher is more alike)"));
        terminal.Out.WriteLine(FormattableString.Invariant($"  threshold  {threshold:f3}  ") + (fmr is { } rate
            ? $"(FMR {Text.Rate(rate)}: about 1 of {Math.Round(1 / rate):n0} pairs of different people scores this high)"
            : "(given; its false match rate is not known)"));
        foreach (var (file, face) in photos)
            terminal.Out.WriteLine($"  {(face is null ? "crop" : "face")}       {file}{(face is null ? "" : ": " + Text.Place(face))}");
        terminal.Out.WriteLine($"  model      {Text.Model(card)}");
    }

    static RgbImage Draw(RgbImage a, Face faceA, RgbImage b, Face faceB, float score, double threshold, bool same)
        => FacePainter.SideBySide(a, new(faceA, "", same), b, new(faceB, "", same),
            FormattableString.Invariant($"{(same ? "same person" : "different people")}: score {score:f3}, threshold {threshold:f3}"));
}
