namespace EdgeFace.Vision;

/// <summary>A crop, its embedding, and whether it can be recognised. Of the picture only the size is kept.</summary>
public record AnalyzedCrop
{
    /// <summary>The size of the picture that the crop was made from; its own where it was given.</summary>
    public required PictureSize Picture { get; init; }

    /// <summary>112 x 112 RGB bytes: what the recogniser saw.</summary>
    public required ReadOnlyMemory<byte> Crop { get; init; }

    /// <summary>What the recogniser gave, of length 1, with the analyzer's contract.</summary>
    public required Embedding Embedding { get; init; }

    /// <summary>Whether the face can be recognised; where not, it is neither enrolled nor compared.</summary>
    public required GateJudgement Gate { get; init; }
}
