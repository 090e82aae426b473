using System.CommandLine;
using EdgeFace.App.Galleries;
using EdgeFace.App.Output;
using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface gallery export|import</c>: a gallery as a folder that any program can read, and back.</summary>
static class GalleryExchangeCommand
{
    public static Command Export(Terminal terminal)
    {
        OutputArgument folder = new("folder") { Description = "The folder to write; it must not exist." };
        var opener = new GalleryOpener();
        var json = CommonOptions.Json();
        var command = new Command("export", "Write a gallery as JSON lines, safetensors and crops. The export is not encrypted.") { folder };
        opener.AddTo(command);
        command.Add(json);
        command.SetAction(parsed =>
        {
            using var gallery = opener.OpenToRead(parsed);
            var to = parsed.GetRequiredValue(folder);
            foreach (var left in GalleryExport.RemoveInterrupted(to))
                terminal.Error.WriteLine($"edgeface: removed {left}: an interrupted export had left faces and names there");
            if (gallery.Info.Encrypted)
                terminal.Error.WriteLine($"edgeface: the gallery is encrypted, but what is written to {to} is in clear: "
                    + "names, keys, embeddings and crops");
            using var stop = new StopSignals();
            var written = terminal.WithProgress("exporting", Total(gallery.Info.Persons),
                step => GalleryExport.Write(gallery, to, new Steps<long>(step), stop.Token));
            terminal.Changed = $"wrote {to}";
            if (parsed.GetValue(json))
                JsonOutput.Write(terminal, new("edgeface.export.v1", to, written.Persons, written.Samples, written.Crops),
                    PeopleJson.Default.ExportedJson);
            else terminal.Out.WriteLine($"wrote {to}: {Text.Counts(written.Persons, written.Samples, written.Crops)}");
            return ExitCode.Done;
        });
        return command;
    }

    public static Command Import(Terminal terminal)
    {
        Argument<string> folder = new("folder") { Description = "What 'gallery export' wrote." };
        var opener = new GalleryOpener();
        var model = CommonOptions.Model();
        var mirror = CommonOptions.MirrorSum();
        var aligned = CommonOptions.Aligned();
        var detector = CommonOptions.Detector();
        var json = CommonOptions.Json();
        var command = new Command("import",
            "Add the people of an export to a gallery, which is created if it is not there. Who is there already is not added twice.") { folder };
        opener.AddTo(command);
        Option<bool> strict = new("--strict")
        {
            Description = "Refuse, instead of only telling, a person whose key belongs to somebody of another name; "
                + "and look for images that another person has, and refuse them.",
        };
        // They say what a new gallery is bound to; an existing one knows.
        foreach (var option in (Option[])[model, mirror, aligned, detector, strict, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            var from = parsed.GetRequiredValue(folder);
            if (!Directory.Exists(from)) throw new InputException($"{from}: no such folder");
            using var pipeline = opener.Exists(parsed) ? null
                : CommonOptions.OpenPipeline(parsed.GetValue(model), parsed.GetValue(aligned), parsed.GetValue(mirror), minFace: 24,
                    parsed.GetValue(detector));
            // An export that adds nobody leaves no gallery behind.
            OpenedGallery OpenOrCreate() => opener.OpenOrCreate(parsed, pipeline!, null);
            using var target = new EnrolTarget(pipeline is null ? opener.Open(parsed) : null, OpenOrCreate);
            var options = new ImportOptions { Strict = parsed.GetValue(strict), VerifyCrop = crop => ImageCodec.Lease(crop.Span).Dispose() };
            var report = GalleryImport.Read(from, pipeline?.Contract ?? target.Required().Contract, target.Required, options);
            terminal.Changed = $"added {Text.Counts(report.Added.Persons, report.Added.Samples, report.Added.Crops)}";
            if (parsed.GetValue(json))
                JsonOutput.Write(terminal,
                    new("edgeface.import.v1", from, report.Added.Persons, report.Added.Samples, report.Added.Crops, report.Present,
                        [.. report.Problems], [.. report.Warnings], target.IsNew),
                    PeopleJson.Default.ImportedJson);
            else
                terminal.Out.WriteLine((target.IsNew ? $"created {opener.Name(parsed)}; " : "")
                    + $"added {Text.Counts(report.Added.Persons, report.Added.Samples, report.Added.Crops)}; "
                    + $"{Text.Count(report.Present, "person was", "people were")} there already, "
                    + $"{Text.Count(report.Problems.Count, "was", "were")} refused");
            foreach (var warning in report.Warnings) terminal.Error.WriteLine($"edgeface: {from}: {warning}");
            foreach (var problem in report.Problems) terminal.Error.WriteLine($"edgeface: {from}: {problem}");
            return report.Problems.Count > 0 ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    static int Total(long count) => (int)Math.Min(int.MaxValue, count);
}
