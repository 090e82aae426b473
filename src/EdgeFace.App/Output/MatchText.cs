using EdgeFace.Vision;

namespace EdgeFace.App.Output;

/// <summary>A decision about two faces (1:1) as text.</summary>
static class MatchText
{
    /// <summary>The answer in words; of none, why.</summary>
    public static string Answer(MatchDecision result, params IEnumerable<(string File, GateJudgement Gate)> sides) => result switch
    {
        MatchDecision.Same => "same person",
        MatchDecision.Different => "different people",
        _ => Reasons(sides) is { Length: > 0 } reasons ? $"cannot tell: {reasons}" : "cannot tell",
    };

    public static int ExitCodeOf(MatchDecision result) => result switch
    {
        MatchDecision.Same => ExitCode.Done,
        MatchDecision.Different => ExitCode.Negative,
        _ => ExitCode.NoAnswer,
    };

    public static void Print(Terminal terminal, string answer, double score, Decision decision)
    {
        terminal.Out.WriteLine(answer);
        terminal.Out.WriteLine(FormattableString.Invariant($"  score      {score:f3}  (cosine: higher is more alike)"));
        terminal.Out.WriteLine(FormattableString.Invariant($"  threshold  {decision.Threshold:f3}  ") + (decision.Fmr is { } rate
            ? $"(FMR {Wording.Rate(rate)}: about 1 of {Math.Round(1 / rate):n0} pairs of different people scores this high)"
            : "(given; its false match rate is not known)"));
        if (decision.MeasuredOn is { } measured) terminal.Wrap("  measured   ", measured);
    }

    public static void PrintFace(Terminal terminal, string file, Face? face)
        => terminal.Out.WriteLine($"  {(face is null ? "crop" : "face")}       {file}{(face is null ? "" : ": " + Text.Place(face))}");

    static string Reasons(IEnumerable<(string File, GateJudgement Gate)> sides)
        => string.Join("; ", sides.Where(s => !s.Gate.IsRecognisable).Select(s => $"{s.File}: {Wording.Reasons(s.Gate)}"));
}
