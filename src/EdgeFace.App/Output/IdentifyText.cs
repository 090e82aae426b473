using EdgeFace.Vision;

namespace EdgeFace.App.Output;

/// <summary>Who the faces of a photo are, as text.</summary>
static class IdentifyText
{
    // Above this share of searches for strangers that name somebody, a name alone says little.
    const double HighFpir = 0.1;

    /// <summary>That a name says little in so large a gallery; null where it does not.</summary>
    public static string? Warning(PhotoIdentification found) => found is not { ExpectedFpir: > HighFpir, Faces.Count: > 0 } ? null
        : "of searches for people who are not enrolled, "
            + FormattableString.Invariant($"{found.ExpectedFpir:p0} are expected to name somebody: {found.Persons:n0} people ")
            + $"at FMR {Wording.Rate(found.Decision.Fmr!.Value)}; decide at a lower rate, or look at the candidates";

    /// <summary>What is written beside a face.</summary>
    public static string Caption(IdentifiedFace it) => it switch
    {
        { Decision: IdentityDecision.Unrecognisable } => "unrecognisable",
        { Person: { } person } => FormattableString.Invariant(
            $"{person.Name}{(it.Identification!.Rival is null ? "" : "?")} {it.Best!.Score:f2}"),
        _ => "unknown",
    };

    public static void Print(Terminal terminal, string photo, PhotoIdentification found, ModelCard card)
    {
        var seen = found.Faces.Count switch { 0 => "no face", 1 => "1 face", var n => $"{n} faces" };
        terminal.Out.WriteLine(FormattableString.Invariant($"{photo}: {seen}, {found.Faces.Count(f => f.Person is not null)} named, ")
            + FormattableString.Invariant($"{found.Persons:n0} people in the gallery"));
        if (found.Faces.Count > 0)
            terminal.Table(["", "person", "score", "margin", "sample", "face"], found.Faces.Select((it, i) => (string[])
            [
                $"{i}", it.Person is { } person ? $"{person.Name} ({person.Id})" : Wording.Of(it.Decision),
                it.Best is { } best ? FormattableString.Invariant($"{best.Score:f3}") : "",
                it.Identification?.Margin is { } margin ? FormattableString.Invariant($"{margin:f3}") : "",
                it.Person is null ? "" : $"{it.Best!.SampleId}", it.Face is { } face ? Place(face) : "crop",
            ]));
        foreach (var (i, it) in found.Faces.Index())
            if (it.Note is { } note) terminal.Out.WriteLine($"  face {i}: {note}");
        terminal.Out.WriteLine(FormattableString.Invariant($"  threshold  {found.Decision.Threshold:f3}  ") + (found.Decision.Fmr is { } fmr
            ? $"(FMR {Wording.Rate(fmr)}; of searches for people who are not enrolled, "
                + $"{Percent(found.ExpectedFpir!.Value)} are expected to name somebody)"
            : "(given; its false match rate is not known)"));
        terminal.Out.WriteLine($"  model      {Text.Model(card)}");
    }

    static string Place(Face face)
        => FormattableString.Invariant($"{face.Box.Width:f0} x {face.Box.Height:f0} px at ({face.Box.Left:f0}, {face.Box.Top:f0})");

    static string Percent(double share) => FormattableString.Invariant($"{100 * share:g3} %");
}
