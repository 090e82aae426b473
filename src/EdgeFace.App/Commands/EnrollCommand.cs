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
        var options = new EnrollOptions();
        var command = new Command("enroll",
            "Enrol people into a gallery, which is created if it is not there. Pictures a person has already are passed over.");
        options.AddTo(command);
        command.SetAction(parsed => Run(terminal, options, parsed));
        return command;
    }

    static int Run(Terminal terminal, EnrollOptions options, ParseResult parsed)
    {
        options.Require(parsed);
        var opener = options.Opener;
        var source = options.Decision.Of(parsed);
        var works = parsed.GetValue(options.Work);
        var list = works ? null : Listed(terminal, options, parsed);
        if (list is not null) OutputPaths.RequireApart(parsed, list.Items.Select(i => i.File));
        var how = new BulkEnrolmentOptions
        {
            Face = CommonOptions.Choice(parsed.GetValue(options.Face)), KeepCrops = parsed.GetValue(options.KeepCrops),
            Strict = parsed.GetValue(options.Strict),
        };
        var exists = opener.Exists(parsed);
        var mirrorSum = parsed.GetValue(options.Models.MirrorSum);
        if (exists && !mirrorSum) using (var there = opener.Open(parsed)) mirrorSum = there.HasMirrorSum();
        using var pipeline = FacePipeline.Open(options.Models.Of(parsed, mirrorSum));
        var gate = options.Gate.Of(parsed, pipeline);
        source = source with { TakesUnrecognisable = gate != GateUse.Refuse };
        // A model without thresholds can enrol; nobody can say then who resembles whom.
        var decided = !source.IsDefault || pipeline.Card.Thresholds.Count > 0 ? Decision.For(pipeline, source) : null;
        var decision = decided ?? new Decision { Threshold = Enrolment.SameImageScore, TakesUnrecognisable = source.TakesUnrecognisable };
        OpenedGallery OpenOrCreate() => opener.OpenOrCreate(parsed, pipeline, parsed.GetValue(options.MaxSamples));
        using var target = new EnrolTarget(exists ? OpenOrCreate().Gallery : null, OpenOrCreate);
        var output = new EnrollOutput
        {
            Terminal = terminal, Json = parsed.GetValue(options.Json), Report = parsed.GetValue(options.Report), Gallery = opener.Name(parsed),
            Words = new(opener.Argument(parsed)), Target = target, Card = pipeline.Card, Decision = decided, TellsOfGate = gate == GateUse.Warn,
        };
        if (!works && !parsed.GetValue(options.Queue)) return Enrol(new(target, pipeline, decision, how), list!, output);
        var queue = new QueuedEnrolment(target.Required(), pipeline, decision, ((PostgresGallery)target.Required()).Jobs(), how);
        return list is null ? EnrollByQueue.Work(queue, parsed.GetValue(options.Retry), output) : EnrollByQueue.Add(queue, list, output);
    }

    static int Enrol(BulkEnrolment enrolment, EnrolmentList list, EnrollOutput output)
    {
        var terminal = output.Terminal;
        using var stop = new StopSignals();
        var result = terminal.WithProgress("enrolling", list.Items.Count,
            step => enrolment.RunAsync(list.Items, new Steps<EnrolmentOutcome>(step), stop.Token).GetAwaiter().GetResult());
        ErrorJson[] errors = [.. list.Errors, .. result.Failed.Select(output.Words.ErrorOf)];
        ErrorJson[] unanswered = [.. result.NoAnswer.Select(output.Words.ErrorOf)];
        var warnings = output.Warnings(result.Warnings);
        var info = output.Target.Gallery is { } gallery ? GalleryInfoJson.Of(gallery.Info) : null;
        var document = new EnrollJson("edgeface.enroll.v1", output.Target.IsNew, info, result.Enrolled.Count, result.AlreadyThere,
            result.PeopleAdded, Math.Round(result.PicturesPerSecond, 1), output.Decision?.Threshold, output.Decision?.Fmr,
            [.. result.Resemblances.Select(ResemblanceJson.Of)], warnings, [.. list.Ignored], errors, unanswered, result.Stopped);
        terminal.Changed = $"{Text.Count(document.Enrolled, "sample")} enrolled, {Text.Count(document.PeopleAdded, "person", "people")} added, "
            + $"{Text.Count(document.AlreadyThere, "picture")} there already, "
            + FormattableString.Invariant($"{errors.Length:n0} not usable, {unanswered.Length:n0} without an answer");
        PictureList.Tell(terminal, list.Ignored);
        output.Write(document, PeopleJson.Default.EnrollJson, () =>
        {
            output.Resemblances(result.Resemblances);
            output.Tell(warnings);
            output.Created(document.Gallery);
            terminal.Out.WriteLine(FormattableString.Invariant($"{terminal.Changed} ({document.ImagesPerSecond:f0} pictures a second)"));
            output.Closing(document.Gallery);
        });
        ImageBatch.Report(terminal, unanswered);
        var failed = ImageBatch.Report(terminal, errors);
        if (!result.Stopped) return failed ? ExitCode.Failed : unanswered.Length > 0 ? ExitCode.NoAnswer : ExitCode.Done;
        terminal.Error.WriteLine(FormattableString.Invariant($"edgeface: stopped after {result.Taken:n0} of {list.Items.Count:n0} pictures; ")
            + $"{Text.Count(document.Enrolled, "sample is", "samples are")} saved. The same command goes on with the rest");
        return ExitCode.Stopped;
    }

    static EnrolmentList Listed(Terminal terminal, EnrollOptions options, ParseResult parsed)
    {
        var who = WhoIsMeant(options, parsed);
        var (paths, errors) = options.Inputs.Given(terminal, parsed);
        if (paths.Count == 0)
        {
            ImageBatch.Report(terminal, errors);
            throw new InputException("there is no picture in the list");
        }
        OutputPaths.RequireApart(parsed, paths);
        var list = EnrolmentList.Read(paths, who, parsed.GetValue(options.Inputs.FollowLinks));
        return list with { Errors = [.. errors, .. list.Errors] };
    }

    /// <summary>Whom all pictures are of; null where each folder or line says so.</summary>
    static OnePerson? WhoIsMeant(EnrollOptions options, ParseResult parsed)
    {
        var (name, key, opener) = (parsed.GetValue(options.Name), parsed.GetValue(options.Key), options.Opener);
        if (parsed.GetValue(options.Id) is not { } number) return name is not null ? new(new NewPerson(name) { ExternalKey = key }, null)
            : key is null ? null : throw new UsageException("--key goes with --name; a list has a column for keys.");
        if (!opener.Exists(parsed)) throw new InputException($"{opener.Name(parsed)}: there is no gallery, and so nobody with the number {number}");
        using var gallery = opener.Open(parsed);
        var person = gallery.Required(number);
        return new(new NewPerson(person.Name) { ExternalKey = person.ExternalKey }, number);
    }
}
