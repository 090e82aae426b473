using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeFace.App.Galleries;
using EdgeFace.App.Output;
using EdgeFace.Gallery;

namespace EdgeFace.App.Commands;

/// <summary>What <c>enroll</c> prints, whichever way the pictures take.</summary>
/// <param name="Report">A file for the JSON too, or null.</param>
/// <param name="Gallery">The gallery as messages may name it.</param>
/// <param name="Target">It, and whether this command created it.</param>
/// <param name="Threshold">The score from which a sample looks like another person; null where nobody looked.</param>
sealed record EnrollOutput(
    Terminal Terminal, bool Json, string? Report, string Gallery, EnrolTarget Target, ModelCard Card, double? Threshold, double? Fmr)
{
    const int MostResemblancesShown = 10, MostWarningsShown = 20;

    public void Write<T>(T document, JsonTypeInfo<T> type, Action asText)
    {
        if (Report is { } file) ResultFile.Write(Terminal, file, stream => JsonSerializer.Serialize(stream, document, type));
        if (Json) JsonOutput.Write(Terminal, document, type);
        else asText();
    }

    public void Ignored(IReadOnlyList<ErrorJson> all)
    {
        PictureList.Tell(Terminal, all);
    }

    public void Resemblances(IReadOnlyList<Resemblance> warnings)
    {
        // That they are one image is told as such.
        warnings = [.. warnings.Where(w => w.Enrolment.Resembles!.Score < Enrolment.SameImageScore)];
        foreach (var warning in warnings.OrderByDescending(w => w.Enrolment.Resembles!.Score).Take(MostResemblancesShown))
        {
            var (person, other) = (warning.Enrolment.Person, warning.Enrolment.Resembles!);
            Terminal.Error.WriteLine($"edgeface: {warning.File}: enrolled for {person.Name} ({person.Id}), "
                + $"but it looks like {other.Person.Name} ({other.Person.Id}): "
                + FormattableString.Invariant($"score {other.Score:f3}, threshold {Threshold:f3}; ")
                + "one of the two may be wrong, or one person was enrolled twice");
        }
        if (warnings.Count > MostResemblancesShown)
            Terminal.Error.WriteLine($"edgeface: and {warnings.Count - MostResemblancesShown} more that look like others, with lower scores; "
                + "--report and --json list all. In a large gallery many do so by chance: a lower --fmr tells of fewer");
    }

    public void Warnings(IReadOnlyList<EnrolWarning> warnings)
    {
        foreach (var warning in warnings.Take(MostWarningsShown)) Terminal.Error.WriteLine($"edgeface: {warning.Message}");
        if (warnings.Count > MostWarningsShown)
            Terminal.Error.WriteLine($"edgeface: and {warnings.Count - MostWarningsShown} more warnings; --report and --json list all");
    }

    public void Created(GalleryInfoJson? gallery)
    {
        if (Target.IsNew && gallery is { Contract: var contract, Encrypted: var encrypted })
            Terminal.Out.WriteLine($"created {Gallery}: bound to {Text.Contract(contract)}{(encrypted ? ", encrypted" : "")}");
    }

    public void Closing(GalleryInfoJson? gallery)
    {
        if (gallery is null) Terminal.Out.WriteLine($"  gallery  none: {Gallery} is created when there is something to put in");
        else
            Terminal.Out.WriteLine(FormattableString.Invariant(
                $"  gallery  {gallery.Persons:n0} people, {gallery.Samples:n0} samples, {gallery.Crops:n0} crops"));
        Terminal.Out.WriteLine($"  model    {Text.Model(Card)}");
        if (Threshold is null) Terminal.Out.WriteLine("  nobody was compared with others: the model has no thresholds, and none was given");
    }
}
