using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeFace.App.Output;
using EdgeFace.Gallery;

namespace EdgeFace.App.Commands;

/// <summary>What <c>enroll</c> prints, whichever way the pictures take.</summary>
sealed record EnrollOutput
{
    const int MostResemblancesShown = 10, MostWarningsShown = 20;

    public required Terminal Terminal { get; init; }

    public required bool Json { get; init; }

    /// <summary>A file for the JSON too, or null.</summary>
    public required string? Report { get; init; }

    /// <summary>The gallery as messages may name it.</summary>
    public required string Gallery { get; init; }

    /// <summary>Enrolments in words.</summary>
    public required EnrolmentText Words { get; init; }

    /// <summary>The gallery, and whether this command created it.</summary>
    public required EnrolTarget Target { get; init; }

    public required ModelCard Card { get; init; }

    /// <summary>From which score on a sample looks like another person; null where the model has no thresholds and nobody looked.</summary>
    public required Decision? Decision { get; init; }

    /// <summary>Whether faces that cannot be recognised are told of where they are taken.</summary>
    public required bool TellsOfGate { get; init; }

    public void Write<T>(T document, JsonTypeInfo<T> type, Action asText)
    {
        if (Report is { } file) ResultFile.Write(Terminal, file, stream => JsonSerializer.Serialize(stream, document, type));
        if (Json) JsonOutput.Write(Terminal, document, type);
        else asText();
    }

    public void Resemblances(IEnumerable<EnrolmentOutcome> all)
    {
        // That they are one image is told as such.
        EnrolmentOutcome[] alike = [.. all.Where(o => o.Enrolment!.Resembles!.Score < Enrolment.SameImageScore)];
        foreach (var one in alike.OrderByDescending(o => o.Enrolment!.Resembles!.Score).Take(MostResemblancesShown))
        {
            var (person, other) = (one.Enrolment!.Person, one.Enrolment.Resembles!);
            Terminal.Error.WriteLine($"edgeface: {one.Item.File}: enrolled for {person.Name} ({person.Id}), "
                + $"but it looks like {other.Person.Name} ({other.Person.Id}): "
                + FormattableString.Invariant($"score {other.Score:f3}, threshold {Decision?.Threshold:f3}; ")
                + "one of the two may be wrong, or one person was enrolled twice");
        }
        if (alike.Length > MostResemblancesShown)
            Terminal.Error.WriteLine($"edgeface: and {alike.Length - MostResemblancesShown} more that look like others, with lower scores; "
                + "--report and --json list all. In a large gallery many do so by chance: a lower --fmr tells of fewer");
    }

    /// <summary>What is to be told, with its words.</summary>
    public EnrolWarningJson[] Warnings(IEnumerable<EnrolmentWarning> all)
        => [.. all.Where(w => TellsOfGate || w.Kind != EnrolmentWarningKind.Unrecognisable).Select(w => EnrolWarningJson.Of(w, Words.Of(w)))];

    public void Tell(EnrolWarningJson[] warnings)
    {
        foreach (var warning in warnings.Take(MostWarningsShown)) Terminal.Error.WriteLine($"edgeface: {warning.Message}");
        if (warnings.Length > MostWarningsShown)
            Terminal.Error.WriteLine($"edgeface: and {warnings.Length - MostWarningsShown} more warnings; --report and --json list all");
    }

    public void Created(GalleryInfoJson? gallery)
    {
        if (Target.IsNew && gallery is { Contract: var contract, Encrypted: var encrypted })
            Terminal.Out.WriteLine($"created {Gallery}: bound to {Text.Contract(contract)}{(encrypted ? ", encrypted" : "")}");
    }

    public void Closing(GalleryInfoJson? gallery)
    {
        if (gallery is null) Terminal.Out.WriteLine($"  gallery  none: {Gallery} is created when there is something to put in");
        else Terminal.Out.WriteLine($"  gallery  {Text.Counts(gallery.Persons, gallery.Samples, gallery.Crops)}");
        Terminal.Out.WriteLine($"  model    {Text.Model(Card)}");
        if (Decision is null) Terminal.Out.WriteLine("  nobody was compared with others: the model has no thresholds, and none was given");
        else if (Decision.MeasuredOn is { } measured)
            Terminal.Wrap("  looks like somebody else from ", FormattableString.Invariant($"{Decision.Threshold:f3} on, measured on {measured}"));
    }
}
