using System.CommandLine;
using EdgeFace.App.Output;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface detect IMG...</c>: where are the faces?</summary>
static class DetectCommand
{
    public static Command Create(Terminal terminal)
    {
        var images = CommonOptions.Images();
        var minFace = CommonOptions.MinFace();
        var detector = CommonOptions.Detector();
        Option<string?> draw = new("--draw") { Description = "Write the picture with its faces as a PNG; a folder where several pictures are given.", HelpName = "FILE|DIR" };
        var json = CommonOptions.Json();
        var command = new Command("detect", "Find the faces in pictures, best first: exit code 1 if there is none.") { images, minFace, detector, draw, json };
        command.SetAction(parsed => Run(terminal, parsed.GetRequiredValue(images), parsed.Positive(minFace), parsed.GetValue(detector), parsed.GetValue(draw), parsed.GetValue(json)));
        return command;
    }

    static int Run(Terminal terminal, string[] files, int minFace, string? model, string? draw, bool json)
    {
        if (draw is not null && files.Length > 1) Directory.CreateDirectory(draw);
        using var detector = Pipeline.OpenDetector(model, minFace);
        var names = new UniqueNames();
        var targets = files.Distinct().ToDictionary(f => f, f => files.Length == 1 ? draw! : Path.Combine(draw ?? "", names.Take(Path.GetFileNameWithoutExtension(f) + ".faces.png")));
        var (found, errors) = ImageBatch.Run(terminal, "detecting", files, file =>
        {
            var image = ImageCodec.Load(file);
            var faces = detector.Detect(image);
            if (draw is not null)
                ImageCodec.SavePng(FacePainter.Draw(image, [.. faces.Select((f, i) => new FaceMark(f, FormattableString.Invariant($"{i}: {f.Score:f2}")))]), targets[file]);
            return (File: file, Image: image, Faces: faces);
        });
        if (json)
        {
            JsonOutput.Write(terminal, new("edgeface.detect.v1", [.. found.Select(f => new DetectedJson(f.File, f.Image.Width, f.Image.Height, [.. f.Faces.Select(FaceJson.Of)]))], errors), ToolJson.Default.DetectJson);
        }
        else
        {
            foreach (var (file, image, faces) in found)
            {
                terminal.Out.WriteLine($"{file}: {image.Width} x {image.Height}, {faces.Count switch { 0 => "no face", 1 => "1 face", _ => $"{faces.Count} faces" }}");
                for (var i = 0; i < faces.Count; i++) terminal.Out.WriteLine($"  {i}: {Text.Place(faces[i])}");
            }
        }
        return ImageBatch.Report(terminal, errors) ? ExitCode.Failed : found.Any(f => f.Faces.Count > 0) ? ExitCode.Done : ExitCode.Negative;
    }
}

/// <summary>File names that do not collide, whatever the case rules of the file system: a.png, a-2.png.</summary>
sealed class UniqueNames
{
    readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    public string Take(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var (stem, extension) = dot < 0 ? (name, "") : (name[..dot], name[dot..]);
        var free = name;
        for (var n = 2; !_taken.Add(free); n++) free = $"{stem}-{n}{extension}";
        return free;
    }
}
