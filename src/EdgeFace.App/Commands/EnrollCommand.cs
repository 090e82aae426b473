using System.CommandLine;
using System.Text.Json;
using EdgeFace.App.Galleries;
using EdgeFace.App.Output;
using EdgeFace.Gallery;
using EdgeFace.Weights;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface enroll INPUT --gallery FILE</c>: puts people into a gallery.</summary>
static class EnrollCommand
{
    const int MostIgnoredShown = 5, MostResemblancesShown = 10;

    public static Command Create(Terminal terminal)
    {
        Argument<string> input = new("input") { Description = "A folder with a folder for each person; a list (.csv with the columns name,image and perhaps key,metadata); or, with --name, a picture or a folder of one person's pictures." };
        var opener = new GalleryOpener();
        Option<string?> name = new("--name") { Description = "Who it is." };
        Option<string?> key = new("--key") { Description = "What another system calls that person; unique in a gallery.", HelpName = "KEY" };
        var face = CommonOptions.Face("Without it, several faces in a picture are an error.");
        Option<bool> keepCrops = new("--keep-crops") { Description = "Store the crops too, so that 'gallery reembed' needs no pictures. Crops are pictures of people." };
        Option<int?> maxSamples = new("--max-samples") { Description = "Of a new gallery: most samples a person may have, 1 to 1000. Default 10.", HelpName = "N" };
        var decision = new DecisionOptions();
        Option<string?> report = new("--report") { Description = "Write what --json prints to this file: what could not be enrolled and why, and who resembles whom.", HelpName = "FILE" };
        var model = CommonOptions.Model();
        var mirror = CommonOptions.MirrorSum();
        var aligned = CommonOptions.Aligned();
        var minFace = CommonOptions.MinFace();
        var json = CommonOptions.Json();
        var command = new Command("enroll", "Enrol people into a gallery, which is created if it is not there. Pictures a person has already are passed over.") { input };
        opener.AddTo(command);
        foreach (var option in (Option[])[name, key, face, keepCrops, maxSamples, decision.Fmr, decision.Threshold, decision.Calibration, report, model, mirror, aligned, minFace, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(maxSamples) is < 1 or > 1000) throw new UsageException("--max-samples is a number from 1 to 1000.");
            var list = EnrolmentList.Read(parsed.GetRequiredValue(input), parsed.GetValue(name), parsed.GetValue(key));
            var choice = CommonOptions.Choice(parsed.GetValue(face));
            var source = decision.Of(parsed);
            var created = !opener.Exists(parsed);
            var mirrorSum = parsed.GetValue(mirror) || (!created && HasMirrorSum(opener, parsed));
            using var pipeline = new Pipeline(parsed.GetValue(model), parsed.GetValue(aligned), mirrorSum, parsed.Positive(minFace));
            // A model without thresholds can enrol; nobody can say then who resembles whom.
            var decides = !source.IsDefault || pipeline.Embedder.Card.Thresholds.Count > 0;
            (double? threshold, double? fmr) = decides ? source.For(pipeline) : default((double?, double?));
            using var gallery = opener.OpenOrCreate(parsed, pipeline, parsed.GetValue(model), parsed.GetValue(maxSamples));
            var enroller = new Enroller(gallery, pipeline, new(choice, parsed.GetValue(keepCrops), threshold));
            var result = terminal.WithProgress("enrolling", list.Items.Count, step => enroller.Run(list.Items, step));
            ErrorJson[] errors = [.. list.Errors, .. result.Errors];
            var document = new EnrollJson("edgeface.enroll.v1", created, GalleryInfoJson.Of(gallery.Info), result.Enrolled.Count, result.AlreadyThere, result.PeopleAdded, Math.Round(result.ImagesPerSecond, 1),
                threshold, fmr, [.. result.Warnings.Select(Json)], [.. list.Ignored], errors);
            if (parsed.GetValue(report) is { } file) AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, document, GalleryToolJson.Default.EnrollJson));
            foreach (var ignored in list.Ignored.Take(MostIgnoredShown)) terminal.Error.WriteLine($"edgeface: {ignored.Message}");
            if (list.Ignored.Count > MostIgnoredShown) terminal.Error.WriteLine($"edgeface: and {list.Ignored.Count - MostIgnoredShown} more of the kind; --report and --json list all");
            if (parsed.GetValue(json)) JsonOutput.Write(terminal, document, GalleryToolJson.Default.EnrollJson);
            else Print(terminal, pipeline.Embedder.Card, document, result, opener.Name(parsed));
            return ImageBatch.Report(terminal, errors) ? ExitCode.BadInput : ExitCode.Done;
        });
        return command;
    }

    static bool HasMirrorSum(GalleryOpener opener, ParseResult parsed)
    {
        using var gallery = opener.Open(parsed);
        return gallery.HasMirrorSum();
    }

    static ResemblanceJson Json(Resemblance r) => new(r.File, PersonNameJson.Of(r.Enrolment.Person), r.Enrolment.Sample.Id, CandidateJson.Of(r.Enrolment.Resembles!));

    static void Print(Terminal terminal, ModelCard card, EnrollJson document, EnrollerResult result, string name)
    {
        foreach (var warning in result.Warnings.OrderByDescending(w => w.Enrolment.Resembles!.Score).Take(MostResemblancesShown))
        {
            var (person, other) = (warning.Enrolment.Person, warning.Enrolment.Resembles!);
            terminal.Error.WriteLine(FormattableString.Invariant($"edgeface: {warning.File}: enrolled for {person.Name} ({person.Id}), but it looks like {other.Person.Name} ({other.Person.Id}): score {other.Score:f3}, threshold {document.ResemblanceThreshold:f3}; one of the two may be wrong, or one person was enrolled twice"));
        }
        if (result.Warnings.Count > MostResemblancesShown)
            terminal.Error.WriteLine($"edgeface: and {result.Warnings.Count - MostResemblancesShown} more that look like others, with lower scores; --report and --json list all. In a large gallery many do so by chance: a lower --fmr tells of fewer");
        if (document.GalleryCreated) terminal.Out.WriteLine($"created {name}: bound to {Text.Contract(document.Gallery.Contract)}{(document.Gallery.Encrypted ? ", encrypted" : "")}");
        terminal.Out.WriteLine(FormattableString.Invariant($"{document.Enrolled:n0} samples enrolled, {document.PeopleAdded:n0} people added, {document.AlreadyThere:n0} pictures there already, {document.Errors.Length:n0} not usable ({document.ImagesPerSecond:f0} pictures a second)"));
        terminal.Out.WriteLine(FormattableString.Invariant($"  gallery  {document.Gallery.Persons:n0} people, {document.Gallery.Samples:n0} samples, {document.Gallery.Crops:n0} crops"));
        terminal.Out.WriteLine($"  model    {Text.Model(card)}");
        if (document.ResemblanceThreshold is null) terminal.Out.WriteLine("  nobody was compared with others: the model has no thresholds, and none was given");
    }
}
