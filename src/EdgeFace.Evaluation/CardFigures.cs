using System.Globalization;

namespace EdgeFace.Evaluation;

/// <summary>Figures of a recogniser in the words of its card: the one way in which cards state thresholds, rates and accuracies.</summary>
static class CardFigures
{
    /// <summary>
    /// The card with the thresholds that a calibration supports for one crop and for the mirror sum, to three decimals, and what they were measured
    /// on.
    /// </summary>
    /// <param name="calibration">Of one crop, then of the mirror sum.</param>
    /// <param name="command">What measured it, as in <c>`edgeface calibrate FOLDER`</c>.</param>
    /// <param name="who">Who the people are.</param>
    public static ModelCard WithThresholds(ModelCard card, Calibration calibration, string command, string who)
    {
        var (supported, data) = (Supported(calibration), calibration.Data);
        return card with
        {
            Thresholds = [.. supported.Select(t => new ModelThreshold(t.OneCrop.Fmr, Math.Round(t.OneCrop.Threshold.Value!.Value, 3),
                Math.Round(t.MirrorSum.Threshold.Value!.Value, 3), null, Rate(t.OneCrop), Rate(t.MirrorSum)))],
            ThresholdSource = supported is [] ? null
                : Invariant($"{command}: {data.GenuinePairs:n0} genuine and {data.ImpostorPairs:n0} impostor pairs, every image with every other, ")
                + Invariant($"of {data.Images:n0} aligned crops of {data.People:n0} people ({who}), {data.FailedImages} left out; ")
                + "thresholds to three decimals; FNMR is of the same people. 95 % intervals over people, one crop: "
                + string.Join("; ", supported.Select(t => $"FMR {Power(t.OneCrop.Fmr)}: threshold {Text(t.OneCrop.Threshold.Interval, 1, "f3")}, "
                    + $"FNMR {Text(t.OneCrop.Fnmr.Interval, 100, "f2")} %")),
        };

        static double? Rate(CalibratedThreshold t) => t.Fnmr.Value is { } rate ? Math.Round(rate, 4) : null;
    }

    /// <summary>The FNMR of one kind of embedding at those of some rates that the data support; null where they support none.</summary>
    /// <param name="kind">Which of the calibration's kinds.</param>
    public static string? Misses(Calibration calibration, int kind, params IReadOnlyList<double> rates)
    {
        CalibratedThreshold[] found = [.. calibration.Embeddings[kind].Thresholds.Where(t => rates.Contains(t.Fmr) && t.Fnmr.IsSupported)];
        if (found.Length == 0) return null;
        return "FNMR " + string.Join(", ", found.Select(t => "at FMR "
            + Power(t.Fmr) + Invariant($" {100 * t.Fnmr.Value:f2} % ") + Text(t.Fnmr.Interval, 100, "f2")));
    }

    /// <summary>Accuracy over folds and equal error rate.</summary>
    /// <param name="accuracy">0 to 1, as are the others.</param>
    public static string Accuracy(double accuracy, double deviation, Interval? interval, Estimate eer)
        => Invariant($"accuracy {100 * accuracy:f2} +- {100 * deviation:f2} %")
            + (interval is null ? "" : $", interval over people {Text(interval, 100, "f2")}")
            + (eer.Value is { } rate ? Invariant($"; EER {100 * rate:f2} %") : "")
            + (eer.Interval is null ? "" : " " + Text(eer.Interval, 100, "f2"));

    static (CalibratedThreshold OneCrop, CalibratedThreshold MirrorSum)[] Supported(Calibration calibration)
        => [.. calibration.Embeddings[0].Thresholds.Zip(calibration.Embeddings[1].Thresholds)
            .Where(t => t.First.Threshold.IsSupported && t.Second.Threshold.IsSupported)];

    static string Text(Interval? interval, double scale, string format) => interval is not { } i ? "[not known]"
        : $"[{(scale * i.Low).ToString(format, CultureInfo.InvariantCulture)}, {(scale * i.High).ToString(format, CultureInfo.InvariantCulture)}]";

    static string Power(double rate) => rate.ToString("0.#e-0", CultureInfo.InvariantCulture);

    static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
