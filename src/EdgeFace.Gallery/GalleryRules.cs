namespace EdgeFace.Gallery;

/// <summary>What every store refuses, and in the same words.</summary>
static class GalleryRules
{
    /// <summary>Two embeddings of one person that score as much are of the same image.</summary>
    public const double SameImage = 0.9999;

    public const int MostCandidates = 1000, MostSourceCharacters = 4096, Sha256Characters = 64;

    // When a gallery was filled, not when a picture was taken: there was none before.
    static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch;

    /// <summary>The person as they are stored: refused, or with the name in its one form.</summary>
    /// <param name="former">Whom they replace: metadata that are there already stay, although an older version may have accepted what is
    /// refused now.</param>
    public static NewPerson Accepted(NewPerson person, Person? former = null)
    {
        ArgumentNullException.ThrowIfNull(person);
        RequireName(person.Name?.Trim() ?? "", "name");
        var named = person with { Name = NameForm.Of(person.Name!) };
        // A few characters are composed of more than they were.
        RequireName(named.Name, "name");
        if (person.ExternalKey is { } key) RequireName(key, "external key");
        if (person.Metadata is { } metadata && metadata != former?.Metadata) MetadataRules.Require(metadata);
        RequireTime(person.Created);
        return named;
    }

    public static void Require(NewSample sample, EmbeddingContract contract)
    {
        ArgumentNullException.ThrowIfNull(sample);
        contract.Require(sample.Embedding.Contract);
        if (sample.Source is { } source) RequireSource(source);
        if (sample.SourceSha256 is { } hash && !IsSha256(hash))
            throw new GalleryException($"a SHA-256 has 64 lower-case hexadecimal digits; '{Short(hash)}' is none");
        if (sample.Crop is { Length: > 0 } crop) CropRules.Require(crop.Span);
        Require(sample.Quality);
        RequireTime(sample.Created);
    }

    public static void RequireSource(string source)
    {
        if (source.Length > MostSourceCharacters)
            throw new GalleryException($"a source may have {MostSourceCharacters} characters, not {source.Length}");
        if (!IsText(source) || source.Contains('\0', StringComparison.Ordinal))
            throw new GalleryException("the source holds characters that are no text (a lone surrogate or a zero)");
    }

    public static bool IsSha256(string text) => text.Length == Sha256Characters && text.All(char.IsAsciiHexDigitLower);

    static void Require(SampleQuality quality)
    {
        ArgumentNullException.ThrowIfNull(quality);
        var measures = new[]
        {
            (quality.FaceWidth, "face width"), (quality.DetectorScore, "detector score"), (quality.Sharpness, "sharpness"),
            (quality.Yaw, "yaw"), (quality.Pitch, "pitch"), (quality.Roll, "roll"),
        };
        foreach (var (value, name) in measures)
            if (value is { } number && !double.IsFinite(number)) throw new GalleryException($"the {name} is not a finite number");
        if (quality.DetectorScore is < 0 or > 1)
            throw new GalleryException(FormattableString.Invariant($"a detector score lies between 0 and 1; {quality.DetectorScore} does not"));
    }

    static void RequireName(string text, string what)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new GalleryException($"the {what} is empty");
        if (text.Length > NewPerson.MostCharacters)
            throw new GalleryException($"a {what} may have {NewPerson.MostCharacters} characters, not {text.Length}: '{Short(text)}'");
        if (!IsText(text) || text.Any(char.IsControl)) throw new GalleryException($"the {what} holds control characters or lone surrogates");
    }

    static void RequireTime(DateTimeOffset? created)
    {
        if (created > DateTimeOffset.UtcNow.AddDays(1))
            throw new GalleryException($"{created:O} lies in the future: nothing can have been created then");
        if (created < Earliest) throw new GalleryException($"{created:O} lies before {Earliest:yyyy}: there was no gallery then");
    }

    /// <summary>Whether a person who has one sample is refused the other.</summary>
    public static bool IsSameImage(NewSample one, NewSample other)
        => one.SourceSha256 is { } hash && hash == other.SourceSha256 || one.Embedding.Score(other.Embedding) >= SameImage;

    public static bool IsText(string text)
    {
        for (var i = 0; i < text.Length; i++)
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i]))) return false;
        return true;
    }

    public static void RequireSameName(Person known, NewPerson given)
    {
        if (known.Name != given.Name)
            throw new GalleryException($"the external key '{given.ExternalKey}' belongs to {known.Name} ({known.Id}), not to '{given.Name}'");
    }

    public static GalleryException SameImageOf(Candidate other)
        => new($"this image is sample {other.SampleId} of {other.Person.Name} ({other.Person.Id}) already: one face cannot be two people");

    public static string Short(string text) => text.Length <= 40 ? text : text[..40] + "...";
}
