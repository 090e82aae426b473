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
        var models = new PipelineInput();
        var thresholds = new ThresholdOptions();
        var face = CommonOptions.Face("Without it, several faces in a photo give no answer.");
        OutputOption draw = new("--draw") { Description = "Write both photos with their faces side by side as a PNG.", HelpName = "FILE" };
        var gate = new GateOption("there is no answer");
        var json = CommonOptions.Json();
        var command = new Command("compare", "Say whether two photos show the same person: exit code 0 if so, 1 if not, 4 if it cannot be told.")
        {
            a, b, models.Model, thresholds.Fmr, thresholds.Threshold, thresholds.Calibration, face, models.MirrorSum, models.Aligned, models.MinFace,
            models.Detector, gate.Option, draw, json,
        };
        command.SetAction(parsed =>
        {
            var (pathA, pathB) = (parsed.GetRequiredValue(a), parsed.GetRequiredValue(b));
            var options = thresholds.Of(parsed);
            var choice = CommonOptions.Choice(parsed.GetValue(face));
            if (parsed.GetValue(draw) is not null && parsed.GetValue(models.Aligned))
                throw new UsageException("--draw shows faces in photos; with --aligned there is nothing to mark.");
            using var pipeline = FacePipeline.Open(models.Of(parsed));
            var decision = Decision.For(pipeline, options);
            var use = gate.Of(parsed, pipeline);
            decision = decision with { TakesUnrecognisable = use != GateUse.Refuse };
            // Encoded they are small: they are decoded once more where they are to be drawn on.
            byte[] bytesA = ImageCodec.ReadFile(pathA), bytesB = ImageCodec.ReadFile(pathB);
            var result = pipeline.CompareAsync(Photo.FromBytes(bytesA, pathA), Photo.FromBytes(bytesB, pathB), decision, choice)
                .GetAwaiter().GetResult();
            GateOption.Tell(terminal, use, pathA, result.A.Gate);
            GateOption.Tell(terminal, use, pathB, result.B.Gate);
            if (parsed.GetValue(draw) is { } drawing)
            {
                using LeasedImage left = ImageCodec.Lease(bytesA, default, pathA), right = ImageCodec.Lease(bytesB, default, pathB);
                ResultFile.WritePng(terminal, drawing, Draw(left.Image, right.Image, result));
            }
            if (parsed.GetValue(json))
                JsonOutput.Write(terminal, CompareJson.Of(pathA, pathB, result, pipeline), ToolJson.Default.CompareJson);
            else
            {
                MatchText.Print(terminal, MatchText.Answer(result.Result, (pathA, result.A.Gate), (pathB, result.B.Gate)), result.Score, decision);
                MatchText.PrintFace(terminal, pathA, result.A.FaceOf());
                MatchText.PrintFace(terminal, pathB, result.B.FaceOf());
                terminal.Out.WriteLine($"  model      {Text.Model(pipeline.Card)}");
            }
            return MatchText.ExitCodeOf(result.Result);
        });
        return command;
    }

    static RgbImage Draw(RgbImage a, RgbImage b, Comparison of)
    {
        bool? same = of.Result switch { MatchDecision.Same => true, MatchDecision.Different => false, _ => null };
        return FacePainter.SideBySide(a, new(of.A.FaceOf()!, "", same), b, new(of.B.FaceOf()!, "", same),
            FormattableString.Invariant($"{MatchText.Answer(of.Result)}: score {of.Score:f3}, threshold {of.Decision.Threshold:f3}"));
    }
}
