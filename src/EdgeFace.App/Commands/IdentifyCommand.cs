using System.CommandLine;
using EdgeFace.App.Galleries;
using EdgeFace.App.Output;
using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface identify PHOTO --gallery FILE</c>: who is in a photo?</summary>
static class IdentifyCommand
{
    // Above this share of searches for strangers that name somebody, a name alone says little.
    const double HighFpir = 0.1;

    public static Command Create(Terminal terminal)
    {
        Argument<string> photo = new("photo") { Description = "The photo: JPEG, PNG, WebP, BMP or GIF." };
        var opener = new GalleryOpener();
        var decision = new DecisionOptions();
        Option<int> count = new Option<int>("--count") { Description = "How many candidates to tell of for each face, 1 to 100.", HelpName = "N",
            DefaultValueFactory = _ => 5 }
            .In(NumberRange.Between(1, 100));
        OutputOption draw = new("--draw") { Description = "Write the photo with its faces and names as a PNG.", HelpName = "FILE" };
        var model = CommonOptions.Model();
        var aligned = CommonOptions.Aligned();
        var minFace = CommonOptions.MinFace();
        var detector = CommonOptions.Detector();
        var gate = new GateOption("never name them");
        var json = CommonOptions.Json();
        var command = new Command("identify",
            "Say who the faces of a photo are: exit code 0 if somebody is named, 1 if all are unknown, "
            + "4 if there is no face that can be recognised.") { photo };
        opener.AddTo(command);
        foreach (var option in (Option[])[decision.Fmr, decision.Threshold, decision.Calibration, count, draw, model, aligned, minFace, detector,
            gate.Option, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(draw) is not null && parsed.GetValue(aligned))
                throw new UsageException("--draw shows faces in photos; with --aligned there is nothing to mark.");
            var source = decision.Of(parsed);
            using var gallery = opener.OpenToRead(parsed);
            using var pipeline = new Pipeline(parsed.GetValue(model), parsed.GetValue(aligned), gallery.HasMirrorSum(), parsed.GetValue(minFace),
                parsed.GetValue(detector));
            if (gallery.Contract != pipeline.Contract) throw new GalleryContractException(opener.Name(parsed), gallery.Contract, pipeline.Contract);
            var (threshold, fmr) = source.For(pipeline);
            return Run(terminal, gallery, pipeline, new(threshold, fmr), gate.Of(parsed, pipeline),
                parsed.GetRequiredValue(photo), parsed.GetValue(count), parsed.GetValue(draw), parsed.GetValue(json));
        });
        return command;
    }

    static int Run(Terminal terminal, IGallery gallery, Pipeline pipeline, IdentifyOptions options, GateUse gate, string photo, int count,
        string? draw, bool json)
    {
        using var picture = ImageCodec.Lease(photo);
        var image = picture.Image;
        var faces = pipeline.All(image, photo);
        // A face may lose its best candidates to the other faces; who is named is among so many all the same.
        IReadOnlyList<Identification?> found = Search(gallery, faces, options with { Candidates = Math.Min(1000, count + faces.Count) },
            (face, i) => GateOption.Refuses(terminal, gate, $"{photo}: face {i}", face.Gate));
        if (draw is not null)
            ResultFile.WritePng(terminal, draw, FacePainter.Draw(image, [.. faces.Zip(found, (face, who)
                => new FaceMark(face.Face!, Caption(who), IsNamed(who)))]));
        var fpir = options.Fmr is { } rate ? SearchRates.Fpir(rate, gallery.Info.Persons) : (double?)null;
        if (fpir > HighFpir && faces.Count > 0)
            terminal.Error.WriteLine("edgeface: of searches for people who are not enrolled, "
                + FormattableString.Invariant($"{fpir:p0} are expected to name somebody: {gallery.Info.Persons:n0} people ")
                + $"at FMR {Wording.Rate(options.Fmr!.Value)}; decide at a lower rate, or look at the candidates");
        if (json)
            JsonOutput.Write(terminal, new("edgeface.identify.v2", photo, image.Width, image.Height, options.Threshold, options.Fmr, fpir,
                gallery.Info.Persons,
                [.. faces.Zip(found, (face, who) => Json(pipeline, face, who, count))], ContractJson.Of(pipeline.Contract)),
                PeopleJson.Default.IdentifyJson);
        else
            Print(terminal, gallery.Info, pipeline.Embedder.Card, options, fpir, photo, faces, found);
        return found.All(who => who is null) ? ExitCode.NoAnswer : found.Any(IsNamed) ? ExitCode.Done : ExitCode.Negative;
    }

    /// <summary>Who the faces are, in their order; null of one that is left out, which takes nobody's place.</summary>
    static Identification?[] Search(IGallery gallery, IReadOnlyList<EmbeddedFace> faces, IdentifyOptions options,
        Func<EmbeddedFace, int, bool> leavesOut)
    {
        int[] taken = [.. Enumerable.Range(0, faces.Count).Where(i => !leavesOut(faces[i], i))];
        var all = new Identification?[faces.Count];
        if (taken.Length == 0) return all;
        foreach (var (i, who) in taken.Zip(gallery.Identify([.. taken.Select(i => faces[i].Embedding)], options)))
            all[i] = who with { TakenByFace = who.TakenByFace is { } by ? taken[by] : null };
        return all;
    }

    static bool IsNamed(Identification? who) => who is { IsUnknown: false };

    /// <summary>The candidate who is named; of an unknown face the one most alike.</summary>
    static Candidate? Best(Identification who) => who.Person is { } person
        ? who.Candidates.First(c => c.Person.Id == person.Id)
        : who.Candidates.Count > 0 ? who.Candidates[0] : null;

    static string Caption(Identification? who)
        => who is null ? "unrecognisable"
            : who.Person is not { } person ? "unknown"
            : FormattableString.Invariant($"{person.Name}{(who.Rival is null ? "" : "?")} {Best(who)!.Score:f2}");

    /// <summary>What the numbers do not say by themselves; null if there is nothing.</summary>
    static string? Note(EmbeddedFace face, Identification? who)
    {
        if (who is null) return "cannot be recognised: " + Wording.Reasons(face.Gate);
        static string Name(Candidate c) => $"{c.Person.Name} ({c.Person.Id})";
        if (who is { Rival: { } rival, Person: not null })
            return $"{Name(Best(who)!)} is hardly nearer than {Name(rival)}: "
                + FormattableString.Invariant($"margin {who.Margin:f3} is below {Identification.SmallMargin}; ")
                + "look at the photo, and whether both are one person";
        if (who.Rival is { } same)
            return FormattableString.Invariant($"{Name(who.Candidates[0])} and {Name(same)} score the same ({same.Score:f3}): ")
                + "it cannot be told which, and nobody is named; see whether one photo was enrolled for both";
        if (who.TakenByFace is not { } taker) return null;
        var best = who.Candidates[0];
        return FormattableString.Invariant($"looks like {Name(best)} ({best.Score:f3}), for whom face {taker} was taken, which looks more alike");
    }

    static IdentifiedJson Json(Pipeline pipeline, EmbeddedFace face, Identification? who, int count)
    {
        var named = IsNamed(who) ? Best(who!) : null;
        return new(face.Face is null ? null : FaceJson.Of(face.Face), QualityJson.Of(Enroller.QualityOf(face.Quality, face.Crop.Span)),
            GateJson.Of(face.Gate, pipeline.Gate), who is null ? "unrecognisable" : who.IsUnknown ? "unknown" : "person",
            named is null ? null : PersonNameJson.Of(named.Person), named is null ? null : Math.Round(named.Score, 6), named?.SampleId,
            who?.Margin is { } margin ? Math.Round(margin, 6) : null, [.. (who?.Candidates ?? []).Take(count).Select(CandidateJson.Of)],
            who?.Rival is { } rival ? CandidateJson.Of(rival) : null, who?.TakenByFace, Note(face, who));
    }

    static void Print(Terminal terminal, GalleryInfo gallery, ModelCard card, IdentifyOptions options, double? fpir, string photo,
        IReadOnlyList<EmbeddedFace> faces, IReadOnlyList<Identification?> found)
    {
        var seen = faces.Count switch { 0 => "no face", 1 => "1 face", _ => $"{faces.Count} faces" };
        terminal.Out.WriteLine(FormattableString.Invariant($"{photo}: {seen}, {found.Count(IsNamed)} named, ")
            + FormattableString.Invariant($"{gallery.Persons:n0} people in the gallery"));
        if (faces.Count > 0) terminal.Table(["", "person", "score", "margin", "sample", "face"],
            faces.Zip(found, (face, who) => (face, who)).Select((pair, i) =>
        {
            var (face, who) = pair;
            var best = who is null ? null : Best(who);
            return (string[])[$"{i}", who?.Person is { } person ? $"{person.Name} ({person.Id})" : who is null ? "unrecognisable" : "unknown",
                best is null ? "" : FormattableString.Invariant($"{best.Score:f3}"),
                who?.Margin is { } margin ? FormattableString.Invariant($"{margin:f3}") : "", IsNamed(who) ? $"{best!.SampleId}" : "",
                face.Face is null ? "crop" : Place(face.Face)];
        }));
        for (var i = 0; i < found.Count; i++)
            if (Note(faces[i], found[i]) is { } note) terminal.Out.WriteLine($"  face {i}: {note}");
        terminal.Out.WriteLine(FormattableString.Invariant($"  threshold  {options.Threshold:f3}  ") + (options.Fmr is { } fmr
            ? $"(FMR {Wording.Rate(fmr)}; of searches for people who are not enrolled, {Percent(fpir!.Value)} are expected to name somebody)"
            : "(given; its false match rate is not known)"));
        terminal.Out.WriteLine($"  model      {Text.Model(card)}");
    }

    static string Place(Face face)
        => FormattableString.Invariant($"{face.Box.Width:f0} x {face.Box.Height:f0} px at ({face.Box.Left:f0}, {face.Box.Top:f0})");

    static string Percent(double share) => FormattableString.Invariant($"{100 * share:g3} %");
}
