using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EdgeFace;

/// <summary>
/// What the libraries tell whoever listens to the meter and the activity source <c>EdgeFace</c>: how long their operations take. Nothing of it says
/// who or what was seen.
/// </summary>
static class Telemetry
{
    public const string Name = "EdgeFace";

    static readonly ActivitySource Source = new(Name);

    static readonly Meter Meter = new(Name);

    static readonly Histogram<double> DetectDuration = Duration("edgeface.detect.duration", "Time of a search for the faces of one picture."),
        EmbedDuration = Duration("edgeface.embed.duration", "Time of embedding the crops of one call."),
        SearchDuration = Duration("edgeface.search.duration", "Time of a search in a gallery for the probes of one call.");

    /// <summary>The search for the faces of a picture; it ends when this is disposed of.</summary>
    public static MeasuredCall Detect() => new(DetectDuration, Source.StartActivity("edgeface.detect"));

    /// <summary>The embedding of crops.</summary>
    public static MeasuredCall Embed(int crops) => new(EmbedDuration, Source.StartActivity("edgeface.embed")?.SetTag("edgeface.crops", crops));

    /// <summary>A search in a gallery.</summary>
    public static MeasuredCall Search(int probes) => new(SearchDuration, Source.StartActivity("edgeface.search")?.SetTag("edgeface.probes", probes));

    static Histogram<double> Duration(string name, string description) => Meter.CreateHistogram(name, "s", description, tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] });
}
