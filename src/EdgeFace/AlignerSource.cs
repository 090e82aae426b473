namespace EdgeFace;

/// <summary>
/// From photo to crop: the value of <see cref="EmbeddingContract.Aligner"/>. Every text is the form of one value.
/// </summary>
public sealed record AlignerSource
{
    const string Listed = "landmarks-listed";

    AlignerSource(AlignerKind kind, string? version, string? detector) => (Kind, Version, Detector) = (kind, version, detector);

    /// <summary>The caller brought the crops: <c>crops-given</c>.</summary>
    public static AlignerSource CropsGiven { get; } = new(AlignerKind.CropsGiven, null, null);

    /// <summary>Where the crops come from.</summary>
    public AlignerKind Kind { get; }

    /// <summary>The aligner, e.g. <c>similarity5-v2</c>; null for <see cref="AlignerKind.CropsGiven"/>.</summary>
    public string? Version { get; }

    /// <summary>The detector and its weights; null for all but <see cref="AlignerKind.Detector"/>.</summary>
    public string? Detector { get; }

    /// <summary>Crops that an aligner cuts to landmarks the caller lists: <c>VERSION+landmarks-listed</c>.</summary>
    /// <exception cref="ArgumentException">The version is empty or has a plus sign.</exception>
    public static AlignerSource LandmarksListed(string version) => new(AlignerKind.LandmarksListed, Plain(version), null);

    /// <summary>Crops that an aligner cuts to landmarks a detector finds: <c>VERSION+DETECTOR</c>.</summary>
    /// <exception cref="ArgumentException">The version is empty or has a plus sign, or the detector is empty or has the name of listed
    /// landmarks.</exception>
    public static AlignerSource Detected(string version, string detector)
    {
        ArgumentException.ThrowIfNullOrEmpty(detector);
        if (detector == Listed) throw new ArgumentException($"a detector is not called '{Listed}'", nameof(detector));
        return new(AlignerKind.Detector, Plain(version), detector);
    }

    /// <summary>Reads the form that contracts store; any text is one, also of another release.</summary>
    public static AlignerSource Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == FaceEmbedder.CropsGiven) return CropsGiven;
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        if (plus <= 0 || plus == text.Length - 1) return new(AlignerKind.Other, text, null);
        var (version, from) = (text[..plus], text[(plus + 1)..]);
        return from == Listed ? new(AlignerKind.LandmarksListed, version, null) : new(AlignerKind.Detector, version, from);
    }

    /// <summary>Whether only the aligner's version sets the two apart: landmarks come from the same source.</summary>
    public bool IsOtherVersionOf(AlignerSource other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Kind is AlignerKind.LandmarksListed or AlignerKind.Detector
            && (Kind, Detector) == (other.Kind, other.Detector) && Version != other.Version;
    }

    static string Plain(string version)
    {
        ArgumentException.ThrowIfNullOrEmpty(version);
        return !version.Contains('+', StringComparison.Ordinal) ? version
            : throw new ArgumentException($"the aligner's version '{version}' has a plus sign, which ends it", nameof(version));
    }

    /// <summary>The form that contracts store.</summary>
    public override string ToString() => Kind switch
    {
        AlignerKind.CropsGiven => FaceEmbedder.CropsGiven,
        AlignerKind.LandmarksListed => $"{Version}+{Listed}",
        AlignerKind.Detector => $"{Version}+{Detector}",
        _ => Version!,
    };
}
