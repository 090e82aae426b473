using System.CommandLine;
using EdgeFace.App.Galleries;
using EdgeFace.App.Output;
using EdgeFace.Gallery;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface gallery export|import</c>: a gallery as a folder that any program can read, and back.</summary>
static class GalleryExchangeCommand
{
    public static Command Export(Terminal terminal)
    {
        Argument<string> folder = new("folder") { Description = "The folder to write; it must not exist." };
        var opener = new GalleryOpener();
        var json = CommonOptions.Json();
        var command = new Command("export", "Write a gallery as JSON lines, safetensors and crops. The export is not encrypted.") { folder };
        opener.AddTo(command);
        command.Add(json);
        command.SetAction(parsed =>
        {
            using var gallery = opener.Open(parsed);
            var to = parsed.GetRequiredValue(folder);
            var written = terminal.WithProgress("exporting", Total(gallery.Info.Persons), step => GalleryExport.Write(gallery, to, new Steps(step)));
            if (parsed.GetValue(json)) JsonOutput.Write(terminal, new("edgeface.export.v1", to, written.Persons, written.Samples, written.Crops), GalleryToolJson.Default.ExportedJson);
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
        var command = new Command("import", "Add the people of an export to a gallery, which is created if it is not there. Who is there already is not added twice.") { folder };
        opener.AddTo(command);
        // They say what a new gallery is bound to; an existing one knows.
        foreach (var option in (Option[])[model, mirror, aligned, detector, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            var from = parsed.GetRequiredValue(folder);
            if (!Directory.Exists(from)) throw new InputException($"{from}: no such folder");
            using var gallery = opener.Exists(parsed) ? opener.Open(parsed) : New(opener, parsed, parsed.GetValue(model), parsed.GetValue(mirror), parsed.GetValue(aligned), parsed.GetValue(detector));
            var report = GalleryImport.Read(gallery, from);
            if (parsed.GetValue(json))
                JsonOutput.Write(terminal, new("edgeface.import.v1", from, report.Added.Persons, report.Added.Samples, report.Added.Crops, report.Present, [.. report.Problems]), GalleryToolJson.Default.ImportedJson);
            else
                terminal.Out.WriteLine(FormattableString.Invariant($"added {Text.Counts(report.Added.Persons, report.Added.Samples, report.Added.Crops)}; {report.Present:n0} people were there already, {report.Problems.Count:n0} were refused"));
            foreach (var problem in report.Problems) terminal.Error.WriteLine($"edgeface: {from}: {problem}");
            return report.Problems.Count > 0 ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    static IGallery New(GalleryOpener opener, ParseResult parsed, string? model, bool mirror, bool aligned, string? detector)
    {
        using var pipeline = new Pipeline(model, aligned, mirror, minFace: 24, detector);
        return opener.OpenOrCreate(parsed, pipeline, model, null);
    }

    static int Total(long count) => (int)Math.Min(int.MaxValue, count);

    sealed class Steps(Action step) : IProgress<long>
    {
        public void Report(long value) => step();
    }
}
