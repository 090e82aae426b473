using System.CommandLine;
using EdgeFace.App.Output;
using EdgeFace.Files;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface align IMG... -o DIR</c>: the crops that the recogniser sees.</summary>
static class AlignCommand
{
    public static Command Create(Terminal terminal)
    {
        var inputs = new PictureInputs();
        OutputOption output = new("--output", "-o")
        {
            Description = "Folder for the crops, made if it is missing: NAME.png, "
                + "or NAME.0.png, NAME.1.png and so on where a picture shows several faces.",
            HelpName = "DIR", Required = true,
        };
        var face = CommonOptions.Face("Without it, every face is written.");
        var minFace = CommonOptions.MinFace();
        var detector = CommonOptions.Detector();
        var json = CommonOptions.Json();
        var command = new Command("align", "Write the aligned 112 x 112 crop of every face as a PNG.");
        inputs.AddTo(command);
        foreach (var option in (Option[])[output, face, minFace, detector, json]) command.Add(option);
        command.SetAction(parsed => Run(terminal, inputs.Read(terminal, parsed), parsed.GetRequiredValue(output), output, parsed.GetValue(face),
            parsed.GetValue(minFace), parsed.GetValue(detector), parsed.GetValue(json)));
        return command;
    }

    static int Run(Terminal terminal, PictureList pictures, string folder, Option output, string? face, int minFace,
        string? model, bool json)
    {
        var choice = CommonOptions.Choice(face);
        var names = new UniqueNames();
        var stems = pictures.Files.Distinct().ToDictionary(f => f, f => names.Take(Path.GetFileNameWithoutExtension(f)));
        OutputPaths.RequireApart(output, CropsIn(folder, [.. stems.Values]), pictures.Files);
        AtomicFile.CreatePrivateFolder(folder);
        using var detector = CommonOptions.OpenDetector(model, minFace);
        var aligned = ImageBatch.Run(terminal, "aligning", pictures, file =>
        {
            using var picture = ImageCodec.Lease(file);
            var image = picture.Image;
            var faces = detector.Detect(image);
            if (faces.Count == 0) throw new NoFaceException(file);
            Face[] chosen = face is null ? [.. faces] : [choice.Of(faces, file)];
            return chosen.Select((f, i) =>
            {
                var crop = new byte[FaceEmbedder.CropBytes];
                FaceAligner.Align(image, f.Landmarks, crop);
                var path = Path.Combine(folder, stems[file] + (chosen.Length == 1 ? ".png" : $".{i}.png"));
                ResultFile.WritePng(terminal, path, new RgbImage(FaceEmbedder.CropSize, FaceEmbedder.CropSize, crop));
                return new AlignedJson(file, FaceJson.Of(f), path);
            }).ToArray();
        });
        var crops = aligned.Results.SelectMany(w => w).ToArray();
        if (json)
            JsonOutput.Write(terminal, new("edgeface.align.v1", crops, aligned.Errors, aligned.Unanswered, pictures.Ignored),
                ToolJson.Default.AlignJson);
        else foreach (var crop in crops) terminal.Out.WriteLine(crop.Crop);
        return aligned.Report(terminal);
    }

    /// <summary>The files of a folder that a crop may replace: how many crops a picture gives is not known before.</summary>
    static IEnumerable<string> CropsIn(string folder, HashSet<string> stems)
        => !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder, "*.png").Where(file =>
        {
            var stem = Path.GetFileNameWithoutExtension(file);
            var isNumbered = Path.GetExtension(stem) is ['.', .. var number] && int.TryParse(number, out _);
            return stems.Contains(stem) || (isNumbered && stems.Contains(Path.GetFileNameWithoutExtension(stem)));
        });
}
