using System.CommandLine;
using EdgeFace.App.Output;
using EdgeFace.Files;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface detect IMG...</c>: where are the faces?</summary>
static class DetectCommand
{
    public static Command Create(Terminal terminal)
    {
        var inputs = new PictureInputs();
        var minFace = CommonOptions.MinFace();
        var anyOrientation = CommonOptions.AnyOrientation();
        var detector = CommonOptions.Detector();
        OutputOption draw = new("--draw")
        {
            Description = "Write the picture with its faces as a PNG; a folder where anything but one picture is given.", HelpName = "FILE|DIR",
        };
        var json = CommonOptions.Json();
        var command = new Command("detect", "Find the faces in pictures, best first: exit code 1 if there is none.");
        inputs.AddTo(command);
        foreach (var option in (Option[])[minFace, anyOrientation, detector, draw, json]) command.Add(option);
        command.SetAction(parsed => Run(terminal, inputs.Read(terminal, parsed),
            () => CommonOptions.OpenDetector(parsed.GetValue(detector), parsed.GetValue(minFace), anyOrientation: parsed.GetValue(anyOrientation)),
            parsed.GetValue(draw), draw, parsed.GetValue(json)));
        return command;
    }

    static int Run(Terminal terminal, PictureList pictures, Func<FaceDetector> open, string? draw, Option option, bool json)
    {
        var names = new UniqueNames();
        var targets = pictures.Files.Distinct().ToDictionary(f => f, f => pictures.IsOne ? draw!
            : Path.Combine(draw ?? "", names.Take(Path.GetFileNameWithoutExtension(f) + ".faces.png")));
        if (draw is not null)
        {
            OutputPaths.RequireApart(option, targets.Values, pictures.Files);
            if (!pictures.IsOne) AtomicFile.CreatePrivateFolder(draw);
        }
        using var detector = open();
        var detected = ImageBatch.Run(terminal, "detecting", pictures, file =>
        {
            using var picture = ImageCodec.Lease(file);
            var image = picture.Image;
            var faces = detector.Detect(image);
            if (draw is not null)
                ResultFile.WritePng(terminal, targets[file], FacePainter.Draw(image,
                    [.. faces.Select((f, i) => new FaceMark(f, FormattableString.Invariant($"{i}: {f.Score:f2}")))]));
            return (File: file, image.Width, image.Height, Faces: faces);
        });
        var found = detected.Results;
        if (json)
        {
            JsonOutput.Write(terminal, new("edgeface.detect.v1", [.. found.Select(f => new DetectedJson(f.File, f.Width, f.Height,
                [.. f.Faces.Select(FaceJson.Of)]))], detected.Errors, pictures.Ignored), ToolJson.Default.DetectJson);
        }
        else
        {
            foreach (var (file, width, height, faces) in found)
            {
                var count = faces.Count switch { 0 => "no face", 1 => "1 face", _ => $"{faces.Count} faces" };
                terminal.Out.WriteLine($"{file}: {width} x {height}, {count}");
                for (var i = 0; i < faces.Count; i++) terminal.Out.WriteLine($"  {i}: {Text.Place(faces[i])}");
            }
        }
        return ImageBatch.Report(terminal, detected.Errors) ? ExitCode.Failed : found.Any(f => f.Faces.Count > 0) ? ExitCode.Done
            : ExitCode.Negative;
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
