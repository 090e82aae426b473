using System.CommandLine;
using EdgeFace.App.Galleries;
using EdgeFace.App.Output;
using EdgeFace.Gallery;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface enroll INPUT --gallery FILE</c>: puts people into a gallery, or with <c>--queue</c> and <c>--work</c> lets several processes do so.</summary>
static class EnrollCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> input = new("input") { Description = "A folder with a folder for each person; a list (.csv with the columns name,image and perhaps key,metadata); or, with --name, a picture or a folder of one person's pictures.", Arity = ArgumentArity.ZeroOrOne };
        var opener = new GalleryOpener();
        Option<string?> name = new("--name") { Description = "Who it is." };
        Option<string?> key = new("--key") { Description = "What another system calls that person; unique in a gallery.", HelpName = "KEY" };
        var face = CommonOptions.Face("Without it, several faces in a picture are an error.");
        Option<bool> keepCrops = new("--keep-crops") { Description = "Store the crops too, so that 'gallery reembed' needs no pictures. Crops are pictures of people." };
        Option<int?> maxSamples = new("--max-samples") { Description = "Of a new gallery: most samples a person may have, 1 to 1000. Default 10.", HelpName = "N" };
        var decision = new DecisionOptions();
        Option<string?> report = new("--report") { Description = "Write what --json prints to this file: what could not be enrolled and why, and who resembles whom.", HelpName = "FILE" };
        Option<bool> queue = new("--queue") { Description = "Enrol nothing now: put the pictures into the queue of a gallery in PostgreSQL, by paths that mean the same to all workers." };
        Option<bool> work = new("--work") { Description = "Enrol what is in the queue, beside other processes that do the same, until nothing is left. Ctrl-C ends after the pictures in hand." };
        Option<bool> retry = new("--retry") { Description = "With --work: try what failed before once more." };
        var model = CommonOptions.Model();
        var mirror = CommonOptions.MirrorSum();
        var aligned = CommonOptions.Aligned();
        var minFace = CommonOptions.MinFace();
        var detector = CommonOptions.Detector();
        var json = CommonOptions.Json();
        var command = new Command("enroll", "Enrol people into a gallery, which is created if it is not there. Pictures a person has already are passed over.") { input };
        opener.AddTo(command);
        foreach (var option in (Option[])[name, key, face, keepCrops, maxSamples, decision.Fmr, decision.Threshold, decision.Calibration, report, queue, work, retry, model, mirror, aligned, minFace, detector, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(maxSamples) is < 1 or > 1000) throw new UsageException("--max-samples is a number from 1 to 1000.");
            var (queues, works) = (parsed.GetValue(queue), parsed.GetValue(work));
            if (queues || works) opener.RequirePostgres(parsed, queues ? "--queue" : "--work");
            if (queues && works) throw new UsageException("--queue puts pictures into the queue and --work takes them out: one of the two.");
            if (works && (parsed.GetValue(input) ?? parsed.GetValue(name) ?? parsed.GetValue(key)) is not null) throw new UsageException("--work takes its pictures from the queue: leave out the input, --name and --key.");
            if (queues && (parsed.GetValue(face) is not null || parsed.GetValue(keepCrops))) throw new UsageException("--face and --keep-crops go with --work, where the pictures are read.");
            if (parsed.GetValue(retry) && !works) throw new UsageException("--retry goes with --work.");
            if (works && !opener.Exists(parsed)) throw new InputException("there is no gallery in this schema of the database: fill its queue first, with 'edgeface enroll INPUT --queue'");
            var list = works ? null : EnrolmentList.Read(parsed.GetValue(input) ?? throw new UsageException("say what to enrol: a folder, a list or a picture. Try 'edgeface enroll --help'."), parsed.GetValue(name), parsed.GetValue(key));
            var choice = CommonOptions.Choice(parsed.GetValue(face));
            var source = decision.Of(parsed);
            var created = !opener.Exists(parsed);
            var mirrorSum = parsed.GetValue(mirror) || (!created && HasMirrorSum(opener, parsed));
            using var pipeline = new Pipeline(parsed.GetValue(model), parsed.GetValue(aligned), mirrorSum, parsed.Positive(minFace), parsed.GetValue(detector));
            // A model without thresholds can enrol; nobody can say then who resembles whom.
            var decides = !source.IsDefault || pipeline.Embedder.Card.Thresholds.Count > 0;
            (double? threshold, double? fmr) = decides ? source.For(pipeline) : default((double?, double?));
            using var gallery = opener.OpenOrCreate(parsed, pipeline, parsed.GetValue(model), parsed.GetValue(maxSamples));
            var enroller = new Enroller(gallery, pipeline, new(choice, parsed.GetValue(keepCrops), threshold));
            var output = new EnrollOutput(terminal, parsed.GetValue(json), parsed.GetValue(report), opener.Name(parsed), created, pipeline.Embedder.Card, threshold, fmr);
            if (list is null) return EnrollByQueue.Work((PostgresGallery)gallery, enroller, parsed.GetValue(retry), output);
            if (queues) return EnrollByQueue.Add((PostgresGallery)gallery, list, output);
            var result = terminal.WithProgress("enrolling", list.Items.Count, step => enroller.Run(list.Items, step));
            ErrorJson[] errors = [.. list.Errors, .. result.Errors];
            var document = new EnrollJson("edgeface.enroll.v1", created, GalleryInfoJson.Of(gallery.Info), result.Enrolled.Count, result.AlreadyThere, result.PeopleAdded, Math.Round(result.ImagesPerSecond, 1),
                threshold, fmr, [.. result.Warnings.Select(ResemblanceJson.Of)], [.. list.Ignored], errors);
            output.Ignored(list.Ignored);
            output.Write(document, GalleryToolJson.Default.EnrollJson, () =>
            {
                output.Resemblances(result.Warnings);
                output.Created(document.Gallery);
                terminal.Out.WriteLine(FormattableString.Invariant($"{document.Enrolled:n0} samples enrolled, {document.PeopleAdded:n0} people added, {document.AlreadyThere:n0} pictures there already, {document.Errors.Length:n0} not usable ({document.ImagesPerSecond:f0} pictures a second)"));
                output.Closing(document.Gallery);
            });
            return ImageBatch.Report(terminal, errors) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    static bool HasMirrorSum(GalleryOpener opener, ParseResult parsed)
    {
        using var gallery = opener.Open(parsed);
        return gallery.HasMirrorSum();
    }
}
