using System.Globalization;
using System.Text.Json.Serialization;

namespace EdgeFace.Evaluation;

/// <summary>A range that holds the true value with a stated confidence.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct Interval(double Low, double High);

/// <summary>A measured figure with its interval, or the reason why the data cannot support one. It never holds both a value and a reason.</summary>
public sealed record Estimate
{
    /// <summary>A figure.</summary>
    public Estimate(double value, Interval? interval = null) => (Value, Interval) = (value, interval);

    [JsonConstructor]
    internal Estimate(double? value = null, Interval? interval = null, string? unsupported = null)
        => (Value, Interval, Unsupported) = (value, interval, unsupported);

    /// <summary>The figure; null where it is not supported.</summary>
    public double? Value { get; }

    /// <summary>Its 95 % interval, or that of the <see cref="PersonBootstrap"/> which made it; null where none was computed.</summary>
    public Interval? Interval { get; }

    /// <summary>Why there is no figure; null where there is one.</summary>
    public string? Unsupported { get; }

    /// <summary>There is a figure.</summary>
    [JsonIgnore]
    public bool IsSupported => Value is not null;

    /// <summary>A figure that the data cannot support.</summary>
    /// <param name="reason">Why, as a clause that can follow "unsupported: ".</param>
    public static Estimate NotSupported(string reason) => new(null, null, reason);

    /// <summary>The value with its interval, or the reason.</summary>
    public override string ToString() => (Value, Interval) switch
    {
        ({ } v, { } i) => string.Create(CultureInfo.InvariantCulture, $"{v:g6} [{i.Low:g6}, {i.High:g6}]"),
        ({ } v, null) => v.ToString("g6", CultureInfo.InvariantCulture),
        _ => "unsupported: " + Unsupported,
    };
}
