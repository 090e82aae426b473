using System.CommandLine;
using EdgeFace.App.Output;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface identify PHOTO --gallery FILE</c>: who is in a photo?</summary>
static class IdentifyCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> photo = new("photo") { Description = "The photo: JPEG, PNG, WebP, BMP or GIF." };
        var opener = new GalleryOpener();
        var thresholds = new ThresholdOptions();
        Option<int> count = new Option<int>("--count") { Description = "How many candidates to tell of for each face, 1 to 100.", HelpName = "N",
            DefaultValueFactory = _ => 5 }
            .In(NumberRange.Between(1, 100));
        OutputOption draw = new("--draw") { Description = "Write the photo with its faces and names as a PNG.", HelpName = "FILE" };
        var models = new PipelineInput();
        var gate = new GateOption("never name them");
        var json = CommonOptions.Json();
        var command = new Command("identify",
            "Say who the faces of a photo are: exit code 0 if somebody is named, 1 if all are unknown, "
            + "4 if there is no face that can be recognised.") { photo };
        opener.AddTo(command);
        foreach (var option in (Option[])[thresholds.Fmr, thresholds.Threshold, thresholds.Calibration, count, draw, models.Model, models.Aligned,
            models.MinFace, models.Detector, gate.Option, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            var (path, drawing) = (parsed.GetRequiredValue(photo), parsed.GetValue(draw));
            if (drawing is not null && parsed.GetValue(models.Aligned))
                throw new UsageException("--draw shows faces in photos; with --aligned there is nothing to mark.");
            var options = thresholds.Of(parsed);
            using var gallery = opener.OpenToRead(parsed);
            using var pipeline = opener.OpenPipelineFor(gallery, parsed, models);
            var decision = Decision.For(pipeline, options);
            var use = gate.Of(parsed, pipeline);
            using var people = new PeopleGallery(gallery, pipeline, decision with { TakesUnrecognisable = use != GateUse.Refuse });
            // Encoded it is small: it is decoded once more where it is to be drawn on.
            var bytes = ImageCodec.ReadFile(path);
            var found = people.IdentifyAsync(Photo.FromBytes(bytes, path), parsed.GetValue(count)).GetAwaiter().GetResult();
            foreach (var (i, it) in found.Faces.Index()) GateOption.Tell(terminal, use, $"{path}: face {i}", it.Analyzed.Gate);
            if (drawing is not null)
            {
                using var picture = ImageCodec.Lease(bytes, default, path);
                ResultFile.WritePng(terminal, drawing, FacePainter.Draw(picture.Image,
                    [.. found.Faces.Select(it => new FaceMark(it.Face!, IdentifyText.Caption(it), it.Person is not null))]));
            }
            if (IdentifyText.Warning(found) is { } warning) terminal.Error.WriteLine($"edgeface: {warning}");
            if (parsed.GetValue(json)) JsonOutput.Write(terminal, IdentifyJson.Of(path, found, pipeline), PeopleJson.Default.IdentifyJson);
            else IdentifyText.Print(terminal, path, found, pipeline.Card);
            return found.Faces.All(f => f.Decision == IdentityDecision.Unrecognisable) ? ExitCode.NoAnswer
                : found.Faces.Any(f => f.Person is not null) ? ExitCode.Done : ExitCode.Negative;
        });
        return command;
    }
}
