using System.CommandLine;
using EdgeFace.App.Galleries;
using EdgeFace.App.Output;
using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;

namespace EdgeFace.App.Commands;

/// <summary>
/// <c>edgeface enroll INPUT... --gallery FILE</c>: puts people into a gallery, or with <c>--queue</c> and <c>--work</c> lets several processes
/// do so.
/// </summary>
static class EnrollCommand
{
    public static Command Create(Terminal terminal)
    {
        var inputs = new PictureInputs("input",
            "Folders with a folder for each person, and lists (.csv with the columns name,image and perhaps key,metadata); "
            + "or, with --name or --id, pictures and folders of pictures of one person.");
        var opener = new GalleryOpener();
        Option<string?> name = new("--name") { Description = "Who it is." };
        Option<string?> key = new("--key") { Description = "What another system calls that person; unique in a gallery.", HelpName = "KEY" };
        Option<long?> id = new Option<long?>("--id") { Description = "The person of the gallery with this number, who gets the samples.",
            HelpName = "N" }.In(NumberRange.Positive<long>());
        var face = CommonOptions.Face("Without it, a picture with several faces is left out.");
        Option<bool> keepCrops = new("--keep-crops")
        {
            Description = "Store the crops too, so that 'gallery reembed' needs no pictures. Crops are pictures of people.",
        };
        Option<int?> maxSamples = new Option<int?>("--max-samples")
        {
            Description = "Of a new gallery: most samples a person may have, 1 to 1000. Default 10.", HelpName = "N",
        }.In(NumberRange.Between(1, 1000));
        var decision = new ThresholdOptions();
        OutputOption report = new("--report")
        {
            Description = "Write what --json prints to this file: what could not be enrolled and why, and who resembles whom.", HelpName = "FILE",
        };
        Option<bool> strict = new("--strict")
        {
            Description = "Refuse, instead of only telling, an image that another person has, "
                + "and a key that comes with another name than its person has.",
        };
        Option<bool> queue = new("--queue")
        {
            Description = "Enrol nothing now: put the pictures into the queue of a gallery in PostgreSQL, "
                + "by paths that mean the same to all workers.",
        };
        Option<bool> work = new("--work")
        {
            Description = "Enrol what is in the queue, beside other processes that do the same, until nothing is left. "
                + "Ctrl-C ends after the pictures in hand.",
        };
        Option<bool> retry = new("--retry") { Description = "With --work: try what failed before once more." };
        var gate = new GateOption("leave the picture out");
        var model = CommonOptions.Model();
        var mirror = CommonOptions.MirrorSum();
        var aligned = CommonOptions.Aligned();
        var minFace = CommonOptions.MinFace();
        var detector = CommonOptions.Detector();
        var json = CommonOptions.Json();
        var command = new Command("enroll",
            "Enrol people into a gallery, which is created if it is not there. Pictures a person has already are passed over.");
        inputs.AddTo(command);
        opener.AddTo(command);
        foreach (var option in (Option[])[name, key, id, face, keepCrops, maxSamples, decision.Fmr, decision.Threshold, decision.Calibration,
            report, strict, queue, work, retry, model, mirror, aligned, minFace, detector, gate.Option, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            var (queues, works) = (parsed.GetValue(queue), parsed.GetValue(work));
            if (queues || works) opener.RequirePostgres(parsed, queues ? "--queue" : "--work");
            if (queues && works) throw new UsageException("--queue puts pictures into the queue and --work takes them out: one of the two.");
            if (works && (inputs.IsGiven(parsed) || (parsed.GetValue(name) ?? parsed.GetValue(key)) is not null))
                throw new UsageException("--work takes its pictures from the queue: leave out the input, --name and --key.");
            if (works && (parsed.GetValue(inputs.Null) || parsed.GetValue(inputs.FollowLinks)))
                throw new UsageException("--null and --follow-links go with --queue, where pictures are looked for.");
            if (queues && (parsed.GetValue(face) is not null || parsed.GetValue(keepCrops)))
                throw new UsageException("--face and --keep-crops go with --work, where the pictures are read.");
            if (queues && parsed.GetValue(minFace) > 0) throw new UsageException("--min-face goes with --work, where faces are searched for.");
            if (queues && parsed.GetValue(gate.Option) is not null)
                throw new UsageException("--gate goes with --work, where the pictures are read.");
            if (queues && parsed.GetValue(strict)) throw new UsageException("--strict goes with --work, where the pictures are enrolled.");
            var source = decision.Of(parsed);
            if (queues && !source.IsDefault)
                throw new UsageException("--fmr, --threshold and --calibration go with --work, where it is decided who resembles whom.");
            if (parsed.GetValue(retry) && !works) throw new UsageException("--retry goes with --work.");
            if (works && !opener.Exists(parsed))
                throw new InputException("there is no gallery in this schema of the database: "
                    + "fill its queue first, with 'edgeface enroll INPUT --queue'");
            if (parsed.GetValue(id) is not null && (queues || works))
                throw new UsageException("--id does not go with the queue, whose workers find people by their external keys.");
            if (parsed.GetValue(id) is not null && (parsed.GetValue(name) ?? parsed.GetValue(key)) is not null)
                throw new UsageException("--id says who it is: leave out --name and --key.");
            if (!works && !inputs.IsGiven(parsed))
                throw new UsageException("say what to enrol: folders, lists or pictures. Try 'edgeface enroll --help'.");
            var list = works ? null : Listed(terminal, inputs, parsed,
                WhoIsMeant(opener, parsed, parsed.GetValue(name), parsed.GetValue(key), parsed.GetValue(id)));
            if (list is not null) OutputPaths.RequireApart(parsed, list.Items.Select(i => i.File));
            var choice = CommonOptions.Choice(parsed.GetValue(face));
            var exists = opener.Exists(parsed);
            var mirrorSum = parsed.GetValue(mirror) || (exists && HasMirrorSum(opener, parsed));
            using var pipeline = CommonOptions.OpenPipeline(parsed.GetValue(model), parsed.GetValue(aligned), mirrorSum, parsed.GetValue(minFace),
                parsed.GetValue(detector));
            // A model without thresholds can enrol; nobody can say then who resembles whom.
            var decides = !source.IsDefault || pipeline.Card.Thresholds.Count > 0;
            var decided = decides ? Decision.For(pipeline, source) : null;
            var (threshold, fmr) = (decided?.Threshold, decided?.Fmr);
            (IGallery, bool) OpenOrCreate() => opener.OpenOrCreate(parsed, pipeline, parsed.GetValue(maxSamples));
            using var target = new EnrolTarget(exists ? OpenOrCreate().Item1 : null, OpenOrCreate);
            var how = new EnrollerOptions(choice, parsed.GetValue(keepCrops), threshold, decided?.UnlikeBelow, parsed.GetValue(strict),
                gate.Of(parsed, pipeline));
            var enroller = new Enroller(target, pipeline, how);
            var output = new EnrollOutput(
                terminal, parsed.GetValue(json), parsed.GetValue(report), opener.Name(parsed), target, pipeline.Card, threshold, fmr);
            if (list is null) return EnrollByQueue.Work((PostgresGallery)target.Required(), enroller, how, parsed.GetValue(retry), output);
            if (queues) return EnrollByQueue.Add((PostgresGallery)target.Required(), list, output);
            using var stop = new StopSignals();
            var result = terminal.WithProgress("enrolling", list.Items.Count, step => enroller.Run(list.Items, step, stop.Token));
            ErrorJson[] errors = [.. list.Errors, .. result.Errors], unanswered = [.. result.Unanswered];
            var info = target.Gallery is { } gallery ? GalleryInfoJson.Of(gallery.Info) : null;
            var document = new EnrollJson("edgeface.enroll.v1", target.IsNew, info, result.Enrolled.Count, result.AlreadyThere, result.PeopleAdded,
                Math.Round(result.ImagesPerSecond, 1), threshold, fmr, [.. result.Resemblances.Select(ResemblanceJson.Of)],
                [.. result.Warnings.Select(EnrolWarningJson.Of)], [.. list.Ignored], errors, unanswered, result.Stopped);
            terminal.Changed = FormattableString.Invariant($"{document.Enrolled:n0} samples enrolled, {document.PeopleAdded:n0} people added, ")
                + FormattableString.Invariant($"{document.AlreadyThere:n0} pictures there already, {document.Errors.Length:n0} not usable, ")
                + FormattableString.Invariant($"{unanswered.Length:n0} without an answer");
            output.Ignored(list.Ignored);
            output.Write(document, PeopleJson.Default.EnrollJson, () =>
            {
                output.Resemblances(result.Resemblances);
                output.Warnings(result.Warnings);
                output.Created(document.Gallery);
                terminal.Out.WriteLine(FormattableString.Invariant($"{terminal.Changed} ({document.ImagesPerSecond:f0} pictures a second)"));
                output.Closing(document.Gallery);
            });
            ImageBatch.Report(terminal, unanswered);
            var failed = ImageBatch.Report(terminal, errors);
            if (result.Stopped)
            {
                terminal.Error.WriteLine(
                    FormattableString.Invariant($"edgeface: stopped after {result.Taken:n0} of {list.Items.Count:n0} pictures; ")
                    + FormattableString.Invariant($"{document.Enrolled:n0} samples are saved. The same command goes on with the rest"));
                return ExitCode.Stopped;
            }
            return failed ? ExitCode.Failed : unanswered.Length > 0 ? ExitCode.NoAnswer : ExitCode.Done;
        });
        return command;
    }

    static EnrolmentList Listed(Terminal terminal, PictureInputs inputs, ParseResult parsed, OnePerson? who)
    {
        var (paths, errors) = inputs.Given(terminal, parsed);
        if (paths.Count == 0)
        {
            ImageBatch.Report(terminal, errors);
            throw new InputException("there is no picture in the list");
        }
        OutputPaths.RequireApart(parsed, paths);
        var list = EnrolmentList.Read(paths, who, parsed.GetValue(inputs.FollowLinks));
        return list with { Errors = [.. errors, .. list.Errors] };
    }

    /// <summary>Whom all pictures are of; null where each folder or line says so.</summary>
    static OnePerson? WhoIsMeant(GalleryOpener opener, ParseResult parsed, string? name, string? key, long? id)
    {
        if (id is not { } number) return name is not null ? new(new NewPerson(name) { ExternalKey = key }, null) : key is null ? null
            : throw new UsageException("--key goes with --name; a list has a column for keys.");
        if (!opener.Exists(parsed)) throw new InputException($"{opener.Name(parsed)}: there is no gallery, and so nobody with the number {number}");
        using var gallery = opener.Open(parsed);
        var person = gallery.FindPerson(number) ?? throw new InputException($"there is no person {number}");
        return new(new NewPerson(person.Name) { ExternalKey = person.ExternalKey }, number);
    }

    static bool HasMirrorSum(GalleryOpener opener, ParseResult parsed)
    {
        using var gallery = opener.Open(parsed);
        return gallery.HasMirrorSum();
    }
}
