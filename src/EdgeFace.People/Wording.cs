using System.Globalization;
using EdgeFace.Evaluation;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>How values are written in messages.</summary>
static class Wording
{
    /// <summary>Why a face cannot be recognised.</summary>
    public static string Reasons(GateJudgement gate) => string.Join(", ", gate.Reasons);

    /// <summary>1e-4 and the like.</summary>
    public static string Rate(double rate)
    {
        var exponent = (int)Math.Floor(Math.Log10(rate) + 1e-9);
        return string.Create(CultureInfo.InvariantCulture, $"{rate / Math.Pow(10, exponent):0.##}e{exponent}");
    }

    /// <summary>Who is at fault, as JSON names it.</summary>
    public static string Kind(ErrorKind kind) => kind switch
    {
        ErrorKind.NoAnswer => "noAnswer",
        ErrorKind.Input => "input",
        ErrorKind.Request => "request",
        ErrorKind.Machine => "machine",
        _ => "program",
    };

    /// <summary>What was decided of two faces, as JSON names it.</summary>
    public static string Of(MatchDecision decision) => decision switch
    {
        MatchDecision.Same => "same",
        MatchDecision.Different => "different",
        _ => "cannot-tell",
    };

    /// <summary>What was decided of a face, as JSON names it.</summary>
    public static string Of(IdentityDecision decision) => decision switch
    {
        IdentityDecision.Person => "person",
        IdentityDecision.Unknown => "unknown",
        _ => "unrecognisable",
    };

    /// <summary>What a calibration was made from.</summary>
    public static string Data(CalibrationData d)
        => FormattableString.Invariant($"{d.Description}: {d.Images:n0} images of {d.People:n0} people, {d.FailedImages} without embedding; ")
            + FormattableString.Invariant($"{d.GenuinePairs:n0} genuine and {d.ImpostorPairs:n0} impostor pairs");
}
