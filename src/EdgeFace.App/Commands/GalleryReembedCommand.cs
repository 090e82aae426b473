using System.CommandLine;
using EdgeFace.App.Galleries;
using EdgeFace.App.Output;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface gallery reembed</c>: binds a gallery to another model, from kept crops or from the pictures where they were.</summary>
static class GalleryReembedCommand
{
    const int MostShown = 20;

    public static Command Create(Terminal terminal)
    {
        var opener = new GalleryOpener();
        var model = CommonOptions.Model();
        var mirror = CommonOptions.MirrorSum();
        var minFace = CommonOptions.MinFace();
        var detector = CommonOptions.Detector();
        Option<bool> dropFailed = new("--drop-failed")
        {
            Description = "Delete the samples that cannot be embedded anew. Without it one of them leaves the gallery as it was.",
        };
        var json = CommonOptions.Json();
        var command = new Command("reembed", "Bind a gallery to another model: every embedding is made anew, from the kept crop, "
            + "or from the picture if it is unchanged where it was. All or nothing; nobody else may have the gallery open.");
        opener.AddTo(command);
        foreach (var option in (Option[])[model, mirror, minFace, detector, dropFailed, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            var file = opener.RequireFile(parsed);
            var (former, samples) = Facts(opener, parsed);
            using var pipeline = CommonOptions.OpenPipeline(parsed.GetValue(model), former.ParseAligner() == AlignerSource.CropsGiven,
                parsed.GetValue(mirror), parsed.GetValue(minFace), parsed.GetValue(detector));
            using var stop = new StopSignals();
            var result = terminal.WithProgress("embedding anew", (int)Math.Min(int.MaxValue, samples), step => GalleryReembedding.RunAsync(
                file, pipeline, new() { DropFailed = parsed.GetValue(dropFailed) }, opener.Options(parsed).Key,
                new Steps<ReembeddedSample>(step), stop.Token).GetAwaiter().GetResult());
            var document = ReembedJson.Of(result);
            if (result.Replaced) terminal.Changed = FormattableString.Invariant(
                    $"{Text.Count(result.Samples, "sample")} embedded anew, {result.Failed.Count:n0} deleted");
            if (parsed.GetValue(json)) JsonOutput.Write(terminal, document, PeopleJson.Default.ReembedJson);
            else Print(terminal, result, pipeline, opener.Argument(parsed));
            return ImageBatch.Report(terminal, document.Errors) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    static (EmbeddingContract Contract, long Samples) Facts(GalleryOpener opener, ParseResult parsed)
    {
        using var gallery = opener.Open(parsed);
        return (gallery.Contract, gallery.Info.Samples);
    }

    static void Print(Terminal terminal, ReembedResult result, FacePipeline pipeline, string gallery)
    {
        foreach (var sample in result.Unrecognisable.Take(MostShown))
            terminal.Error.WriteLine($"edgeface: sample {sample.Sample.Id} of person {sample.Sample.PersonId}: the face cannot be recognised: "
                + $"{Wording.Reasons(sample.Gate!)}. Others may be taken for it: "
                + $"'edgeface gallery delete --gallery {gallery} --sample {sample.Sample.Id}'");
        if (result.Unrecognisable.Count > MostShown)
            terminal.Error.WriteLine($"edgeface: and {result.Unrecognisable.Count - MostShown} more that cannot be recognised; --json lists all");
        terminal.Out.WriteLine(result.Replaced
            ? $"{Text.Count(result.Samples, "sample")} embedded anew "
                + FormattableString.Invariant($"({result.FromCrops:n0} from crops, {result.FromPictures:n0} from pictures), ")
                + FormattableString.Invariant($"{result.Failed.Count:n0} deleted")
            : FormattableString.Invariant($"the gallery is as it was: {result.Failed.Count:n0} of ")
                + $"{Text.Count(result.Failed.Count + result.Samples, "sample")} cannot be embedded anew (--drop-failed deletes them)");
        terminal.Out.WriteLine($"  {(result.Replaced ? "bound to" : "would be")}  {Text.Contract(ContractJson.Of(pipeline.Contract))}");
        terminal.Out.WriteLine($"  model     {Text.Model(pipeline.Card)}");
    }
}
