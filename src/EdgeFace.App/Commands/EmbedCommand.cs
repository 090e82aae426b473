using System.CommandLine;
using System.Globalization;
using EdgeFace.App.Output;
using EdgeFace.Models;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface embed IMG...</c>: embeddings for other programs.</summary>
static class EmbedCommand
{
    public static Command Create(Terminal terminal)
    {
        var inputs = new PictureInputs();
        var model = CommonOptions.Model();
        Option<string> format = new("--format")
        {
            Description = "json, csv (one line a face), or npy (float32, faces x 512; rows in the order of the pictures).",
            DefaultValueFactory = _ => "json",
        };
        format.AcceptOnlyFromAmong("json", "csv", "npy");
        OutputOption output = new("--output", "-o")
        {
            Description = "Write to this file instead of stdout; it appears whole or not at all.", HelpName = "FILE|-", TakesStdout = true,
        };
        var face = CommonOptions.Face("'all' takes every face. Without it, a picture with several faces is left out.");
        var aligned = CommonOptions.Aligned();
        var mirror = CommonOptions.MirrorSum();
        Option<bool> raw = new("--raw") { Description = "Give the network's values as they are, not scaled to length 1." };
        var minFace = CommonOptions.MinFace();
        var detector = CommonOptions.Detector();
        var json = CommonOptions.Json();
        var command = new Command("embed", "Compute face embeddings.");
        inputs.AddTo(command);
        foreach (var option in (Option[])[model, format, output, face, aligned, mirror, raw, minFace, detector, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            var chosen = parsed.GetRequiredValue(format);
            if (parsed.GetValue(json) && chosen != "json") throw new UsageException($"--json and --format {chosen} exclude each other.");
            var pictures = inputs.Read(terminal, parsed);
            OutputPaths.RequireApart(parsed, pictures.Files);
            using var pipeline = CommonOptions.OpenPipeline(parsed.GetValue(model), parsed.GetValue(aligned),
                parsed.GetValue(mirror), parsed.GetValue(minFace), parsed.GetValue(detector));
            return Run(terminal, pipeline, pictures, chosen, parsed.GetValue(output), parsed.GetValue(face), parsed.GetValue(raw));
        });
        return command;
    }

    static int Run(Terminal terminal, FacePipeline pipeline, PictureList pictures, string format, string? output, string? face, bool raw)
    {
        var all = face == "all";
        var choice = all ? default : CommonOptions.Choice(face);
        var embedded = ImageBatch.Run(terminal, "embedding", pictures, file =>
        {
            var faces = all ? pipeline.All(file) : [pipeline.One(file, choice)];
            if (faces.Count == 0) throw new NoFaceException(file);
            return faces.Select(f => (File: file, Face: f.FaceOf(),
                Vector: raw ? pipeline.Analyzer.RawVector(f.Crop.Span) : f.Embedding.Vector.ToArray())).ToArray();
        });
        var rows = embedded.Results.SelectMany(f => f).ToArray();
        var code = embedded.Report(terminal);
        if (format == "npy" && embedded.Errors.Length + embedded.Unanswered.Length > 0)
        {
            terminal.Error.WriteLine("edgeface: nothing written: a .npy has one row a picture and no names, "
                + "so that the pictures above would shift the rows; leave them out, or use --format csv or json");
            return code == ExitCode.Failed ? code : ExitCode.NoAnswer;
        }
        ResultFile.Write(terminal, output, stream =>
        {
            if (format == "npy") WriteNpy(stream, rows);
            else if (format == "csv") WriteCsv(stream, rows);
            else WriteJson(stream, new("edgeface.embed.v1", ContractJson.Of(pipeline.Contract), !raw, [.. rows.Select(
                r => new EmbeddedJson(r.File, r.Face is { } f ? FaceJson.Of(f) : null, r.Vector))], embedded.Errors, embedded.Unanswered,
                    pictures.Ignored));
        });
        return code;
    }

    static void WriteJson(Stream stream, EmbedJson document)
    {
        System.Text.Json.JsonSerializer.Serialize(stream, document, ToolJson.Default.EmbedJson);
        stream.WriteByte((byte)'\n');
    }

    static void WriteCsv(Stream stream, (string File, Face? Face, float[] Vector)[] rows)
    {
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine("file,left,top,right,bottom,score,"
            + string.Join(',', Enumerable.Range(0, EdgeFaceConfig.EmbeddingSize).Select(i => $"e{i}")));
        foreach (var (file, face, vector) in rows)
        {
            writer.Write(Text.CsvField(file));
            writer.Write(face is null ? ",,,,," : string.Create(CultureInfo.InvariantCulture,
                $",{face.Box.Left:f2},{face.Box.Top:f2},{face.Box.Right:f2},{face.Box.Bottom:f2},{face.Score}"));
            foreach (var value in vector) writer.Write(string.Create(CultureInfo.InvariantCulture, $",{value}"));
            writer.WriteLine();
        }
    }

    /// <summary>NumPy's format, version 1.0: magic, header length, a Python dictionary padded to a multiple of 64, the values.</summary>
    static void WriteNpy(Stream stream, (string File, Face? Face, float[] Vector)[] rows)
    {
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows.Length}, {EdgeFaceConfig.EmbeddingSize}), }}";
        header = header.PadRight((10 + header.Length + 1 + 63) / 64 * 64 - 10 - 1) + "\n";
        stream.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, (byte)header.Length, (byte)(header.Length >> 8)]);
        stream.Write(System.Text.Encoding.ASCII.GetBytes(header));
        foreach (var (_, _, vector) in rows) stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(vector.AsSpan()));
    }
}
