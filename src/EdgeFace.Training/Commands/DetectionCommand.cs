using System.CommandLine;
using EdgeFace.Training.Detection;

namespace EdgeFace.Training.Commands;

/// <summary><c>edgeface-train detector</c> and <c>edgeface-train refiner</c>: the two networks of the detector.</summary>
static class DetectionCommand
{
    /// <summary>Stage 1.</summary>
    public static Command Detector()
        => Create("detector", "Train stage 1 of the detector on painted windows, from YuNet's dense answers and annotated faces.",
            DetectorLayers.Detector, new("--refiner") { Description = "The refiner that stands behind it in validations." });

    /// <summary>Stage 2.</summary>
    public static Command Refiner()
        => Create("refiner", "Train the detector's refiner on what stage 1 takes for faces, with YuNet and annotated faces as judges.",
            DetectorLayers.Refiner, new("--detector") { Required = true, Description = "Stage 1, whose candidates and mistakes it learns." });

    static Command Create(string name, string about, string network, Option<string?> partner)
    {
        Option<string> recipe = new("--recipe") { Required = true, Description = $"A recipe file, or the name of one of ours: {name}." };
        Option<string[]> faces = new("--faces")
        {
            Required = true,
            Description = "A list of annotated faces (docs/evaluation.md), or a folder with faces.jsonl. May be given several times.",
        };
        Option<string[]> data = new("--data")
        {
            DefaultValueFactory = _ => [],
            Description = "A folder of pictures without annotations, with faces or without. May be given several times.",
        };
        Option<string> teacher = new("--teacher") { Required = true, Description = "YuNet: .onnx or .efw." };
        Option<string?> start = new("--start") { Description = "A model of the same network to start from; without, a fresh start." };
        Option<string?> validation = new("--validation") { Description = $"A list of annotated faces to measure on, with {partner.Name}." };
        Option<string?> set = new("--validation-set") { Description = "Only its pictures whose field 'set' has this value." };
        var session = new SessionOptions("A folder for decoded pictures, three bytes a pixel; by default one in --out.");
        var command = new Command(name, about + RunCommand.GoesOn) { recipe, faces, data, teacher, partner, start, validation, set };
        session.AddTo(command);
        command.SetAction(p =>
        {
            var chosen = RunCommand.RecipeOf(p.GetRequiredValue(recipe), network);
            if (p.GetValue(validation) is not null && p.GetValue(partner) is null)
                throw new RecipeException($"--validation measures both networks together: give {partner.Name} too");
            var options = session.Of(p, p.GetRequiredValue(data), p.GetRequiredValue(teacher), p.GetValue(start),
                p.GetValue(validation) is { } list ? [list] : []);
            var sources = new DetectionSources(p.GetRequiredValue(faces), p.GetValue(partner), p.GetValue(set));
            return RunCommand.UntilStopped(stop =>
            {
                using var run = new DetectionRun(chosen, options, sources, Console.WriteLine, stop);
                return run.Run(stop);
            });
        });
        return command;
    }
}
