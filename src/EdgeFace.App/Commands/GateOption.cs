using System.CommandLine;
using EdgeFace.App.Output;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary><c>--gate</c>, with one meaning in all commands that have it.</summary>
sealed class GateOption
{
    public GateOption(string what)
    {
        Option = new("--gate")
        {
            Description = $"Faces that cannot be recognised: 'refuse' (default): {what}; 'warn': take them and tell; 'off': take them.",
            HelpName = "refuse|warn|off",
        };
        Option.AcceptOnlyFromAmong("refuse", "warn", "off");
    }

    public Option<string?> Option { get; }

    /// <exception cref="UsageException">It was asked for, and the model has no gate.</exception>
    public GateUse Of(ParseResult parsed, FacePipeline pipeline)
    {
        var use = parsed.GetValue(Option) switch { "warn" => GateUse.Warn, "off" => GateUse.Off, _ => GateUse.Refuse };
        if (use != GateUse.Off && parsed.GetValue(Option) is not null && !pipeline.Gate.IsFitted)
            throw new UsageException($"--gate: the card of '{pipeline.Card.Name}' does not say how to tell what cannot be recognised: "
                + "say --gate off, or fit it by 'edgeface calibrate --gate-into'.");
        return use;
    }

    /// <summary>Whether a face is left out; one that is taken all the same is told of where that was asked.</summary>
    public static bool Refuses(Terminal terminal, GateUse use, string name, GateJudgement gate)
    {
        Tell(terminal, use, name, gate);
        return use == GateUse.Refuse && !gate.IsRecognisable;
    }

    /// <summary>Tells of a face that is taken although it cannot be recognised, where that was asked.</summary>
    public static void Tell(Terminal terminal, GateUse use, string name, GateJudgement gate)
    {
        if (use == GateUse.Warn && !gate.IsRecognisable)
            terminal.Error.WriteLine($"edgeface: {name}: the face cannot be recognised: {Wording.Reasons(gate)}");
    }
}
