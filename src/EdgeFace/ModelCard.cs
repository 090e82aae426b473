using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeFace.Weights;

namespace EdgeFace;

/// <summary>
/// What a model is, where it comes from, what it may be used for and what was measured of it. Stored inside <c>.efw</c> files as JSON.
/// </summary>
public sealed record ModelCard
{
    const string UnknownLicence = "unknown: the file states no licence; ask whoever gave it to you";

    // Generated deserialisation gives null to what a card leaves out, whatever the initialisers say: the accessors put the defaults back.

    /// <summary>Name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>Version of the weights.</summary>
    public string Version { get; init => field = value ?? "0"; } = "0";

    /// <summary><c>recogniser</c>, <c>detector</c> or <c>refiner</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The network: a variant's name for recognisers.</summary>
    public string? Architecture { get; init; }

    /// <summary>What it takes and gives.</summary>
    public string? Description { get; init; }

    /// <summary>How it was trained.</summary>
    public string? Training { get; init; }

    /// <summary>On what it was trained.</summary>
    public string? Data { get; init; }

    /// <summary>The data and models that it was made from, each with where it comes from and its licence; null where nobody states
    /// them.</summary>
    public IReadOnlyList<ModelOrigin>? Sources { get; init; }

    /// <summary>The licence of the weights, or a sentence saying that it is not known.</summary>
    public string Licence { get; init => field = value ?? UnknownLicence; } = UnknownLicence;

    /// <summary>True where the weights may not be used commercially, null where nothing is known.</summary>
    public bool? NonCommercial { get; init; }

    /// <summary>What it is weak at or must not be used for.</summary>
    public string? Limits { get; init; }

    /// <summary>Measured accuracies.</summary>
    public IReadOnlyList<ModelMeasurement> Measurements { get; init => field = value ?? []; } = [];

    /// <summary>Calibrated thresholds, highest false match rate first. Empty where none were calibrated.</summary>
    public IReadOnlyList<ModelThreshold> Thresholds { get; init => field = value ?? []; } = [];

    /// <summary>
    /// From which pairs the thresholds and the rates beside them come, and by which command, up to the first semicolon; what follows it is
    /// details, such as intervals.
    /// </summary>
    public string? ThresholdSource { get; init; }

    /// <summary>
    /// Of a detector: the least score of its first stage with which a candidate goes on to the refiner, in (0, 1); null where
    /// the card recommends none.
    /// </summary>
    public double? CandidateScore { get; init; }

    /// <summary>Of a detector: the least final score that is recommended for a face, in (0, 1); null where the card recommends none.</summary>
    public double? LeastScore { get; init; }

    /// <summary>Of a recogniser: how it is told that a face cannot be recognised; null where nothing was fitted.</summary>
    public ModelGate? Gate { get; init; }

    /// <summary>SHA-256 of the file the weights were converted from.</summary>
    public string? SourceSha256 { get; init; }

    /// <summary>The calibrated threshold for a false match rate, or null.</summary>
    public ModelThreshold? ThresholdFor(double fmr) => Thresholds.FirstOrDefault(t => Math.Abs(t.Fmr - fmr) <= 1e-6 * t.Fmr);

    /// <summary>The card as indented JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ModelCardJson.Readable.ModelCard);

    /// <summary>Reads a card.</summary>
    /// <exception cref="ModelFormatException">Not a card.</exception>
    public static ModelCard FromJson(ReadOnlySpan<byte> utf8, string source)
    {
        try
        {
            var card = JsonSerializer.Deserialize(utf8, ModelCardJson.Default.ModelCard) ?? throw new JsonException("the card is null");
            // The serialiser checks members for null, but not the elements of lists.
            if (card.CandidateScore is { } candidate && !IsScore(candidate) || card.LeastScore is { } least && !IsScore(least))
                throw new JsonException("candidateScore and leastScore lie between 0 and 1, both excluded");
            if (card.Measurements.Contains(null!) || card.Thresholds.Contains(null!) || card.Sources?.Contains(null!) is true)
                throw new JsonException("a list holds null");
            if (card.Gate?.Fault() is { } fault) throw new JsonException(fault);
            return card;
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(source, null, "a model card", JsonFault.Of(e), e);
        }
    }

    static bool IsScore(double value) => value is > 0 and < 1;
}

/// <summary>Data or a model that a model was made from.</summary>
/// <param name="Name">A file's or set's name, or what the model was to this one and its name.</param>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Licence">Its licence or terms.</param>
public sealed record ModelOrigin(string Name, string Origin, string Licence);

/// <summary>One measured figure.</summary>
/// <param name="Set">The data.</param>
/// <param name="Protocol">How it was measured.</param>
/// <param name="Value">The figure with its unit.</param>
public sealed record ModelMeasurement(string Set, string Protocol, string Value);

/// <summary>A threshold on the cosine: a pair with at least this score is called the same person.</summary>
/// <param name="Fmr">The false match rate aimed at.</param>
/// <param name="OneCrop">Threshold for embeddings of one crop.</param>
/// <param name="MirrorSum">Threshold for embeddings to which the mirror image's was added.</param>
/// <param name="FmrMeasured">The false match rate measured on other people than the threshold comes from, one crop; null where it
/// was not measured.</param>
/// <param name="FnmrOneCrop">The false non-match rate at the threshold, one crop; <see cref="ModelCard.ThresholdSource"/>
/// says of which pairs.</param>
/// <param name="FnmrMirrorSum">The same, mirror sum.</param>
public sealed record ModelThreshold(double Fmr, double OneCrop, double MirrorSum,
    double? FmrMeasured = null, double? FnmrOneCrop = null, double? FnmrMirrorSum = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelCard))]
sealed partial class ModelCardJson : JsonSerializerContext
{
    /// <summary>For writing: escapes only what JSON demands. A card is read by people and shown in no page as it is.</summary>
    public static ModelCardJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
