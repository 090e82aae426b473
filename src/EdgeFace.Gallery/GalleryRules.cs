using System.Text;
using System.Text.Json;

namespace EdgeFace.Gallery;

/// <summary>What every store refuses, and in the same words.</summary>
static class GalleryRules
{
    /// <summary>Two embeddings of one person that score as much are of the same image.</summary>
    public const double SameImage = 0.9999;

    public const int MostCandidates = 1000, MostSourceCharacters = 4096, Sha256Characters = 64;

    public static void Require(NewPerson person)
    {
        ArgumentNullException.ThrowIfNull(person);
        RequireName(person.Name, "name");
        if (person.ExternalKey is { } key) RequireName(key, "external key");
        if (person.Metadata is { } metadata) RequireMetadata(metadata);
        RequireTime(person.Created);
    }

    public static void Require(NewSample sample, EmbeddingContract contract)
    {
        ArgumentNullException.ThrowIfNull(sample);
        contract.Require(sample.Embedding.Contract);
        if (sample.Source is { } source) RequireSource(source);
        if (sample.SourceSha256 is { } hash && !IsSha256(hash)) throw new GalleryException($"a SHA-256 has 64 lower-case hexadecimal digits; '{Short(hash)}' is none");
        if (sample.Crop is { Length: > NewSample.MostCropBytes } crop) throw new GalleryException($"a crop may have {NewSample.MostCropBytes} bytes, not {crop.Length}");
        Require(sample.Quality);
        RequireTime(sample.Created);
    }

    public static void RequireSource(string source)
    {
        if (source.Length > MostSourceCharacters) throw new GalleryException($"a source may have {MostSourceCharacters} characters, not {source.Length}");
        if (!IsText(source) || source.Contains('\0', StringComparison.Ordinal)) throw new GalleryException("the source holds characters that are no text (a lone surrogate or a zero)");
    }

    public static bool IsSha256(string text) => text.Length == Sha256Characters && text.All(char.IsAsciiHexDigitLower);

    static void Require(SampleQuality quality)
    {
        ArgumentNullException.ThrowIfNull(quality);
        foreach (var (value, name) in new[] { (quality.FaceWidth, "face width"), (quality.DetectorScore, "detector score"), (quality.Sharpness, "sharpness"), (quality.Yaw, "yaw"), (quality.Pitch, "pitch"), (quality.Roll, "roll") })
            if (value is { } number && !double.IsFinite(number)) throw new GalleryException($"the {name} is not a finite number");
        if (quality.DetectorScore is < 0 or > 1) throw new GalleryException(FormattableString.Invariant($"a detector score lies between 0 and 1; {quality.DetectorScore} does not"));
    }

    static void RequireName(string text, string what)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new GalleryException($"the {what} is empty");
        if (text.Length > NewPerson.MostCharacters) throw new GalleryException($"a {what} may have {NewPerson.MostCharacters} characters, not {text.Length}: '{Short(text)}'");
        if (!IsText(text) || text.Any(char.IsControl)) throw new GalleryException($"the {what} holds control characters or lone surrogates");
    }

    static void RequireTime(DateTimeOffset? created)
    {
        if (created > DateTimeOffset.UtcNow.AddDays(1)) throw new GalleryException($"{created:O} lies in the future: nothing can have been created then");
    }

    static void RequireMetadata(string metadata)
    {
        if (!IsText(metadata)) throw new GalleryException("the metadata holds a lone surrogate, which is no text");
        var bytes = Encoding.UTF8.GetByteCount(metadata);
        if (bytes > NewPerson.MostMetadataBytes) throw new GalleryException($"metadata may have {NewPerson.MostMetadataBytes} bytes, not {bytes}");
        try
        {
            using var document = JsonDocument.Parse(metadata);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new GalleryException($"metadata is a JSON object, such as {{\"room\": 12}}, not {document.RootElement.ValueKind.ToString().ToLowerInvariant()}");
        }
        catch (JsonException e)
        {
            throw new GalleryException($"the metadata is not JSON: {e.Message}", e);
        }
    }

    /// <summary>Whether a stored text is what metadata must be.</summary>
    public static bool IsJsonObject(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        // A lone surrogate is no JSON either.
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return false;
        }
    }

    public static bool IsText(string text)
    {
        for (var i = 0; i < text.Length; i++)
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i]))) return false;
        return true;
    }

    public static string Short(string text) => text.Length <= 40 ? text : text[..40] + "...";
}
