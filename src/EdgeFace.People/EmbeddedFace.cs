using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>A face of a picture and its embedding. The picture is not kept.</summary>
public sealed record EmbeddedFace
{
    /// <summary>Where the face is; null of a crop that was given, and where the caller brought the landmarks.</summary>
    public required Face? Face { get; init; }

    /// <summary>112 x 112 x 3 bytes, RGB: what the recogniser saw.</summary>
    public required ReadOnlyMemory<byte> Crop { get; init; }

    /// <summary>What the recogniser gave.</summary>
    public required Embedding Embedding { get; init; }

    /// <summary>Whether the face can be recognised.</summary>
    public required GateJudgement Gate { get; init; }

    /// <summary>How well the face was seen; null where no face was searched for.</summary>
    public FaceQuality? Quality { get; init; }

    /// <summary>How many other faces of the picture are at least half as wide, where this one was chosen of several.</summary>
    public int Beside { get; init; }

    /// <summary>Width of the picture in pixels.</summary>
    public required int PictureWidth { get; init; }

    /// <summary>Height of the picture in pixels.</summary>
    public required int PictureHeight { get; init; }

    /// <summary>The face as a sample to be enrolled.</summary>
    /// <param name="keepCrop">Whether the crop is stored too, so that the sample can be embedded anew for a later model.</param>
    public NewSample ToSample(bool keepCrop = false) => new(Embedding)
    {
        Quality = SampleFacts.Of(Quality, Crop.Span),
        Crop = keepCrop ? ImageCodec.EncodePng(new RgbImage(FaceEmbedder.CropSize, FaceEmbedder.CropSize, Crop.ToArray())) : null,
    };
}
