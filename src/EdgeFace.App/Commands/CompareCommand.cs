using System.CommandLine;
using EdgeFace.App.Output;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface compare A B</c>: do two photos show the same person?</summary>
static class CompareCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> a = new("a") { Description = "First photo." }, b = new("b") { Description = "Second photo." };
        var model = CommonOptions.Model();
        var decision = new DecisionOptions();
        var face = CommonOptions.Face("Without it, several faces in a photo give no answer.");
        var mirror = CommonOptions.MirrorSum();
        var aligned = CommonOptions.Aligned();
        var minFace = CommonOptions.MinFace();
        var detector = CommonOptions.Detector();
        OutputOption draw = new("--draw") { Description = "Write both photos with their faces side by side as a PNG.", HelpName = "FILE" };
        var gate = new GateOption("there is no answer");
        var json = CommonOptions.Json();
        var command = new Command("compare", "Say whether two photos show the same person: exit code 0 if so, 1 if not, 4 if it cannot be told.")
        {
            a, b, model, decision.Fmr, decision.Threshold, decision.Calibration, face, mirror, aligned, minFace, detector, gate.Option, draw, json,
        };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(a), parsed.GetRequiredValue(b), parsed.GetValue(model), decision.Of(parsed),
            CommonOptions.Choice(parsed.GetValue(face)), parsed.GetValue(mirror), parsed.GetValue(aligned), parsed.GetValue(minFace),
            parsed.GetValue(detector), pipeline => gate.Of(parsed, pipeline), parsed.GetValue(draw), parsed.GetValue(json)));
        return command;
    }

    static int Run(Terminal terminal, string a, string b, string? model, DecisionSource source, FaceChoice choice, bool mirror, bool aligned,
        int minFace, string? detector, Func<Pipeline, GateUse> gateOf, string? draw, bool json)
    {
        if (draw is not null && aligned) throw new UsageException("--draw shows faces in photos; with --aligned there is nothing to mark.");
        using var pipeline = new Pipeline(model, aligned, mirror, minFace, detector);
        var (threshold, rate) = source.For(pipeline);
        var measuredOn = source.MeasuredOn(pipeline);
        var gate = gateOf(pipeline);
        // Encoded they are small: they are decoded once more where they are to be drawn on.
        byte[] encodedA, encodedB = [];
        // The second photo waits for nothing of the first.
        var second = Task.Run(() => pipeline.One(encodedB = ImageCodec.ReadFile(b), choice, b));
        EmbeddedFace first;
        try
        {
            first = pipeline.One(encodedA = ImageCodec.ReadFile(a), choice, a);
        }
        catch (Exception e)
        {
            // The networks may not be freed under the other photo. Its own error is told when this one is mended, unless this is none at all.
            second.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
            if (IsNoAnswer(e) && second.Exception is { } of && !IsNoAnswer(of))
                second.GetAwaiter().GetResult();
            throw;
        }
        var other = second.GetAwaiter().GetResult();
        var score = first.Embedding.Score(other.Embedding);
        // Each is told of where both cannot be recognised.
        var refused = GateOption.Refuses(terminal, gate, a, first.Gate) | GateOption.Refuses(terminal, gate, b, other.Gate);
        bool? same = refused ? null : score >= threshold;
        string[] reasons = refused ? [.. new[] { (File: a, first.Gate), (File: b, other.Gate) }.Where(s => !s.Gate.IsRecognisable)
            .Select(s => $"{s.File}: {Wording.Reasons(s.Gate)}")] : [];
        if (draw is not null)
        {
            using LeasedImage left = ImageCodec.Lease(encodedA, default, a), right = ImageCodec.Lease(encodedB, default, b);
            ResultFile.WritePng(terminal, draw, Draw(left.Image, first.Face!, right.Image, other.Face!, score, threshold, same, Answer(same, [])));
        }
        if (json)
            JsonOutput.Write(terminal, new("edgeface.compare.v2",
                same switch { true => "same", false => "different", null => "cannot-tell" }, score, threshold, rate,
                Side(pipeline, a, first), Side(pipeline, b, other),
                ContractJson.Of(pipeline.Contract), measuredOn, pipeline.Embedder.Card.Limits), ToolJson.Default.CompareJson);
        else
            Print(terminal, pipeline.Embedder.Card, score, threshold, rate, measuredOn, Answer(same, reasons), (a, first.Face), (b, other.Face));
        return same switch { true => ExitCode.Done, false => ExitCode.Negative, null => ExitCode.NoAnswer };
    }

    static bool IsNoAnswer(Exception e) => EdgeFaceException.KindOf(e) == ErrorKind.NoAnswer;

    static string Answer(bool? same, string[] reasons) => same switch
    {
        true => "same person",
        false => "different people",
        null => "cannot tell" + (reasons.Length > 0 ? ": " : "") + string.Join("; ", reasons),
    };

    static ComparedJson Side(Pipeline pipeline, string file, EmbeddedFace face)
        => new(file, face.Width, face.Height, face.Face is null ? null : FaceJson.Of(face.Face), GateJson.Of(face.Gate, pipeline.Gate));

    static void Print(Terminal terminal, ModelCard card, float score, double threshold, double? fmr, string? measuredOn, string answer,
        params ReadOnlySpan<(string File, Face? Face)> photos)
    {
        terminal.Out.WriteLine(answer);
        terminal.Out.WriteLine(FormattableString.Invariant($"  score      {score:f3}  (cosine: higher is more alike)"));
        terminal.Out.WriteLine(FormattableString.Invariant($"  threshold  {threshold:f3}  ") + (fmr is { } rate
            ? $"(FMR {Wording.Rate(rate)}: about 1 of {Math.Round(1 / rate):n0} pairs of different people scores this high)"
            : "(given; its false match rate is not known)"));
        if (measuredOn is not null) terminal.Wrap("  measured   ", measuredOn);
        foreach (var (file, face) in photos)
            terminal.Out.WriteLine($"  {(face is null ? "crop" : "face")}       {file}{(face is null ? "" : ": " + Text.Place(face))}");
        terminal.Out.WriteLine($"  model      {Text.Model(card)}");
    }

    static RgbImage Draw(RgbImage a, Face faceA, RgbImage b, Face faceB, float score, double threshold, bool? same, string answer)
        => FacePainter.SideBySide(a, new(faceA, "", same), b, new(faceB, "", same),
            FormattableString.Invariant($"{answer}: score {score:f3}, threshold {threshold:f3}"));
}
