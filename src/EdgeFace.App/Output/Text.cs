using System.Globalization;
using EdgeFace.Evaluation;
using EdgeFace.Vision;

namespace EdgeFace.App.Output;

/// <summary>How values are written for people.</summary>
static class Text
{
    public static string Place(Face face)
        => FormattableString.Invariant($"{face.Box.Width:f0} x {face.Box.Height:f0} px at ({face.Box.Left:f0}, {face.Box.Top:f0}), ")
            + FormattableString.Invariant($"detector score {face.Score:f2}");

    public static string Model(ModelCard card)
        => $"{card.Name} {card.Version}{(card.NonCommercial == true ? " (weights for non-commercial use)" : "")}";

    public static string Counts(long persons, long samples, long crops)
        => $"{Count(persons, "person", "people")}, {Count(samples, "sample")}, {Count(crops, "crop")}";

    /// <summary>A number and what it counts: 1 sample, 12 samples.</summary>
    public static string Count(long count, string one, string? many = null)
        => FormattableString.Invariant($"{count:n0} {(count == 1 ? one : many ?? one + "s")}");

    /// <summary>To the second, UTC.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>What a gallery is bound to.</summary>
    public static string Contract(ContractJson c)
        => $"{c.Model} ({c.WeightsSha256[..Math.Min(12, c.WeightsSha256.Length)]}), {c.Preprocessing}, aligner {c.Aligner}";

    /// <summary>In quotes where it needs them (RFC 4180).</summary>
    public static string CsvField(string text)
        => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Bytes(long bytes) => bytes < 1 << 20
        ? FormattableString.Invariant($"{bytes / 1024.0:f1} KiB")
        : FormattableString.Invariant($"{bytes / 1048576.0:f1} MiB");

    /// <summary>A rate in percent with its interval, or that it is not supported.</summary>
    public static string Share(Estimate e) => e.Value is { } v
        ? FormattableString.Invariant($"{100 * v:f2} %")
            + (e.Interval is { } i ? FormattableString.Invariant($" [{100 * i.Low:f2}, {100 * i.High:f2}]") : "")
        : "unsupported";
}
