using System.CommandLine;
using EdgeFace.App.Output;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface align IMG... -o DIR</c>: the crops that the recogniser sees.</summary>
static class AlignCommand
{
    public static Command Create(Terminal terminal)
    {
        var images = CommonOptions.Images();
        Option<string> output = new("--output", "-o") { Description = "Folder for the crops, made if it is missing: NAME.png, or NAME.0.png, NAME.1.png and so on where a picture shows several faces.", HelpName = "DIR", Required = true };
        var face = CommonOptions.Face("Without it, every face is written.");
        var minFace = CommonOptions.MinFace();
        var detector = CommonOptions.Detector();
        var json = CommonOptions.Json();
        var command = new Command("align", "Write the aligned 112 x 112 crop of every face as a PNG.") { images, output, face, minFace, detector, json };
        command.SetAction(parsed => Run(terminal, parsed.GetRequiredValue(images), parsed.GetRequiredValue(output), parsed.GetValue(face), parsed.Positive(minFace), parsed.GetValue(detector), parsed.GetValue(json)));
        return command;
    }

    static int Run(Terminal terminal, string[] files, string folder, string? face, int minFace, string? model, bool json)
    {
        var choice = CommonOptions.Choice(face);
        Directory.CreateDirectory(folder);
        using var detector = Pipeline.OpenDetector(model, minFace);
        var names = new UniqueNames();
        var stems = files.Distinct().ToDictionary(f => f, f => names.Take(Path.GetFileNameWithoutExtension(f)));
        var (written, errors) = ImageBatch.Run(terminal, "aligning", files, file =>
        {
            var image = ImageCodec.Load(file);
            var faces = detector.Detect(image);
            if (faces.Count == 0) throw new NoFaceException(file);
            Face[] chosen = face is null ? [.. faces] : [choice.Of(faces, file)];
            return chosen.Select((f, i) =>
            {
                var crop = new byte[FaceEmbedder.CropBytes];
                FaceAligner.Align(image, f.Landmarks, crop);
                var path = Path.Combine(folder, stems[file] + (chosen.Length == 1 ? ".png" : $".{i}.png"));
                ImageCodec.SavePng(new RgbImage(FaceEmbedder.CropSize, FaceEmbedder.CropSize, crop), path);
                return new AlignedJson(file, FaceJson.Of(f), path);
            }).ToArray();
        });
        var crops = written.SelectMany(w => w).ToArray();
        if (json) JsonOutput.Write(terminal, new("edgeface.align.v1", crops, errors), ToolJson.Default.AlignJson);
        else foreach (var crop in crops) terminal.Out.WriteLine(crop.Crop);
        return ImageBatch.Report(terminal, errors) ? ExitCode.Failed : ExitCode.Done;
    }
}
