using System.CommandLine;

namespace EdgeFace.App.Commands;

/// <summary>The options that say at which threshold a command decides: of the model's card, of a calibration, or given.</summary>
sealed class ThresholdOptions
{
    public Option<double?> Fmr { get; } = new Option<double?>("--fmr")
    {
        Description = "Decide at this false match rate, one that the model's card has a threshold for. Default 1e-4.", HelpName = "RATE",
    }.In(NumberRange.Rate);

    public Option<double?> Threshold { get; } = new Option<double?>("--threshold")
    {
        Description = "Decide at this cosine instead of one from the model's card.", HelpName = "COSINE",
    }.In(NumberRange.Between(-1.0, 1.0));

    public Option<string?> Calibration { get; } = new("--calibration")
    {
        Description = "Take the threshold from this file, made by 'edgeface calibrate' for the same model and pipeline.", HelpName = "FILE",
    };

    public DecisionOptions Of(ParseResult parsed)
    {
        var options = new DecisionOptions { Threshold = parsed.GetValue(Threshold), Calibration = parsed.GetValue(Calibration) };
        if (options.Threshold is not null && parsed.GetValue(Fmr) is not null)
            throw new UsageException("--fmr and --threshold exclude each other: one comes from the card, the other from you.");
        if (options.Threshold is not null && options.Calibration is not null)
            throw new UsageException("--calibration and --threshold exclude each other: one comes from the file, the other from you.");
        return parsed.GetValue(Fmr) is { } rate ? options with { Fmr = rate } : options;
    }
}
