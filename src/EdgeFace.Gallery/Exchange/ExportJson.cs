using System.Text.Json.Serialization;

namespace EdgeFace.Gallery;

/// <summary>What <c>gallery.json</c> of an export says.</summary>
sealed record ExportHeader(string Format, int Version, DateTimeOffset Exported, EmbeddingContract Contract,
    long Persons, long Samples, long Crops, int RowsPerFile)
{
    public const string FormatName = "edgeface-gallery";
    public const int LastVersion = 1;
}

/// <summary>A line of <c>people.jsonl</c>. Metadata is the JSON text as it was given.</summary>
sealed record ExportedPerson(long Id, string Name, string? ExternalKey, string? Metadata, DateTimeOffset Created,
    IReadOnlyList<ExportedSample> Samples);

/// <summary>A sample of such a line: <paramref name="Row"/> counts embeddings over all files, from 0.</summary>
sealed record ExportedSample(long Id, long Row, DateTimeOffset Created, string? Source, string? SourceSha256, SampleQuality Quality, bool Crop);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = false)]
[JsonSerializable(typeof(ExportHeader))]
[JsonSerializable(typeof(ExportedPerson))]
sealed partial class ExportJson : JsonSerializerContext;
