using System.CommandLine;
using System.Globalization;
using EdgeFace.App.Output;
using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface cluster IMG|DIR...</c>: which faces are of one person, where nobody knows who they are?</summary>
static class ClusterCommand
{
    const int MostFilesShown = 4;

    public static Command Create(Terminal terminal)
    {
        var inputs = new PictureInputs();
        var thresholds = new ThresholdOptions();
        OutputOption output = new("--output", "-o")
        {
            Description = "Write the groups as CSV (group,file,face,left,top,right,bottom,name); - prints that alone. "
                + "With its names filled in it is a list for 'edgeface enroll'.",
            HelpName = "FILE|-", TakesStdout = true,
        };
        var model = CommonOptions.Model();
        var mirror = CommonOptions.MirrorSum();
        var aligned = CommonOptions.Aligned();
        var minFace = CommonOptions.MinFace();
        var detector = CommonOptions.Detector();
        var gate = new GateOption("leave them out");
        var json = CommonOptions.Json();
        var command = new Command("cluster", "Group the faces of pictures by person, without knowing anybody.");
        inputs.AddTo(command);
        foreach (var option in (Option[])[thresholds.Fmr, thresholds.Threshold, thresholds.Calibration, output, model, mirror, aligned, minFace,
            detector, gate.Option, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            var source = thresholds.Of(parsed);
            var csv = parsed.GetValue(output);
            if (csv == ResultFile.Stdout && parsed.GetValue(json))
                throw new UsageException("--output - and --json both are stdout: one of the two.");
            var pictures = inputs.Read(terminal, parsed);
            OutputPaths.RequireApart(parsed, pictures.Files);
            using var pipeline = CommonOptions.OpenPipeline(parsed.GetValue(model), parsed.GetValue(aligned), parsed.GetValue(mirror),
                parsed.GetValue(minFace), parsed.GetValue(detector));
            var decision = Decision.For(pipeline, source);
            var use = gate.Of(parsed, pipeline);
            var embedded = ImageBatch.Run(terminal, "embedding", pictures, file =>
            {
                var found = pipeline.All(file);
                if (found.Count == 0) throw new NoFaceException(file);
                return found.Select((f, i) => new FoundFace(file, i, f.FaceOf(), f.Embedding, f.Gate)).ToArray();
            });
            var byUse = embedded.Results.SelectMany(f => f).ToLookup(f => GateOption.Refuses(terminal, use, f.Name, f.Gate));
            FoundFace[] faces = [.. byUse[false]], leftOut = [.. byUse[true]];
            var groups = Clustering.Group([.. faces.Select(f => f.Embedding)], decision.Threshold);
            // Nothing else tells of them where the groups are all that is printed.
            if (csv == ResultFile.Stdout)
                foreach (var face in leftOut) terminal.Error.WriteLine($"edgeface: {face.Name}: left out: {Wording.Reasons(face.Gate)}");
            if (csv is not null) ResultFile.Write(terminal, csv, stream => WriteCsv(stream, csv, faces, groups));
            if (parsed.GetValue(json))
                JsonOutput.Write(terminal, new("edgeface.cluster.v2", decision.Threshold, decision.Fmr, faces.Length,
                    [.. groups.Select((g, n) => new FaceGroupJson(n, [.. g.Select(
                        i => new GroupedFaceJson(faces[i].File, faces[i].Face is { } face ? FaceJson.Of(face) : null))]))],
                    [.. leftOut.Select(f => new LeftOutFaceJson(f.File, f.Index, f.Face is { } face ? FaceJson.Of(face) : null,
                        GateJson.Of(f.Gate, pipeline.Gate)))], embedded.Errors,
                            embedded.Unanswered, pictures.Ignored, ContractJson.Of(pipeline.Contract)), PeopleJson.Default.ClusterJson);
            else if (csv != ResultFile.Stdout)
                Print(terminal, pipeline.Card, faces, leftOut, groups, decision);
            var code = embedded.Report(terminal);
            return code == ExitCode.Done && faces.Length == 0 ? ExitCode.NoAnswer : code;
        });
        return command;
    }

    /// <summary>A face of a picture; <paramref name="Index"/> is its place in the order of detection.</summary>
    sealed record FoundFace(string File, int Index, Face? Face, Embedding Embedding, GateJudgement Gate)
    {
        public string Name => $"{File}: face {Index}";
    }

    static void Print(Terminal terminal, ModelCard card, FoundFace[] faces, FoundFace[] leftOut,
        IReadOnlyList<IReadOnlyList<int>> groups, Decision decision)
    {
        terminal.Out.WriteLine($"{Text.Count(faces.Length, "face")}, {Text.Count(groups.Count, "group")}, "
            + $"{groups.Count(g => g.Count == 1)} of them of one face");
        terminal.Table(["group", "faces", "pictures"], groups.Select((g, n) => (string[])[$"{n}", $"{g.Count}",
            string.Join(", ", g.Take(MostFilesShown).Select(i => Path.GetFileName(faces[i].File)))
                + (g.Count > MostFilesShown ? $" and {g.Count - MostFilesShown} more" : "")]));
        foreach (var face in leftOut) terminal.Out.WriteLine($"  left out   {face.Name}: {Wording.Reasons(face.Gate)}");
        terminal.Out.WriteLine(
            FormattableString.Invariant($"  threshold  {decision.Threshold:f3}  (lowest mean score across two groups that become one; ")
            + (decision.Fmr is { } rate ? $"of one pair of faces it has FMR {Wording.Rate(rate)})" : "given)"));
        if (decision.MeasuredOn is { } measured) terminal.Wrap("  measured   ", measured);
        terminal.Out.WriteLine($"  model      {Text.Model(card)}");
    }

    static void WriteCsv(Stream stream, string csv, FoundFace[] faces, IReadOnlyList<IReadOnlyList<int>> groups)
    {
        // Paths of a list are read from where it lies.
        var holds = csv == ResultFile.Stdout || Path.GetDirectoryName(Path.GetFullPath(csv)) == Environment.CurrentDirectory;
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine("group,file,face,left,top,right,bottom,name");
        foreach (var (n, members) in groups.Index())
            foreach (var face in members.Select(i => faces[i]))
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{n},{Text.CsvField(holds ? face.File : Path.GetFullPath(face.File))},{face.Index},{Edges(face.Face?.Box)},"));
    }

    static string Edges(Box? box) => box is not { } b ? ",,,"
        : string.Create(CultureInfo.InvariantCulture, $"{b.Left:f2},{b.Top:f2},{b.Right:f2},{b.Bottom:f2}");
}
