using System.CommandLine;
using EdgeFace.App.Output;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface verify PHOTO --gallery GALLERY --id N</c>: does a photo show that person?</summary>
static class VerifyCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> photo = new("photo") { Description = "The photo: JPEG, PNG, WebP, BMP or GIF." };
        var opener = new GalleryOpener();
        var person = new PersonSelector();
        var thresholds = new ThresholdOptions();
        var face = CommonOptions.Face("Without it, several faces in the photo give no answer.");
        var models = new PipelineInput();
        var gate = new GateOption("there is no answer");
        var json = CommonOptions.Json();
        var command = new Command("verify",
            "Say whether a photo shows one person of a gallery: exit code 0 if so, 1 if not, 4 if it cannot be told.")
        {
            photo,
        };
        opener.AddTo(command);
        person.AddTo(command);
        foreach (var option in (Option[])[thresholds.Fmr, thresholds.Threshold, thresholds.Calibration, face, models.Model, models.Aligned,
            models.MinFace, models.Detector, gate.Option, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            var (path, options) = (parsed.GetRequiredValue(photo), thresholds.Of(parsed));
            var choice = CommonOptions.Choice(parsed.GetValue(face));
            person.RequireOne(parsed);
            using var gallery = opener.OpenToRead(parsed);
            using var pipeline = opener.OpenPipelineFor(gallery, parsed, models);
            var decision = Decision.For(pipeline, options);
            var use = gate.Of(parsed, pipeline);
            using var people = new PeopleGallery(gallery, pipeline, decision with { TakesUnrecognisable = use != GateUse.Refuse });
            var result = people.VerifyAsync(person.Find(parsed, gallery).Id, Photo.FromFile(path), choice).GetAwaiter().GetResult();
            GateOption.Tell(terminal, use, path, result.Analyzed.Gate);
            if (parsed.GetValue(json))
                JsonOutput.Write(terminal, VerificationJson.Of(path, result, pipeline), PeopleJson.Default.VerificationJson);
            else
            {
                MatchText.Print(terminal, MatchText.Answer(result.Result, (path, result.Analyzed.Gate)), result.Score, people.Decision);
                MatchText.PrintFace(terminal, path, result.Analyzed.FaceOf());
                terminal.Out.WriteLine($"  person     {result.Person.Name} ({result.Person.Id}), sample {result.SampleId}");
                terminal.Out.WriteLine($"  model      {Text.Model(pipeline.Card)}");
            }
            return MatchText.ExitCodeOf(result.Result);
        });
        return command;
    }
}
