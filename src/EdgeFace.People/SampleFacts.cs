using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>What a gallery stores of a face.</summary>
static class SampleFacts
{
    /// <summary>Where the face is; null of a crop that was given.</summary>
    public static Face? FaceOf(this AnalyzedCrop crop) => (crop as AnalyzedFace)?.Face;

    /// <summary>How well the face was seen, as exactly as it is worth.</summary>
    public static SampleQuality QualityOf(AnalyzedCrop crop) => Of((crop as AnalyzedFace)?.Quality, crop.Crop.Span);

    /// <param name="quality">Null of a crop that was given: only its sharpness is known.</param>
    /// <param name="crop">112 x 112 x 3 bytes.</param>
    public static SampleQuality Of(FaceQuality? quality, ReadOnlySpan<byte> crop)
    {
        if (quality is null) return new() { Sharpness = Math.Round(FaceQuality.SharpnessOf(crop), 1) };
        return new()
        {
            FaceWidth = Math.Round(quality.FaceWidth, 1),
            DetectorScore = Math.Round(quality.DetectorScore, 4),
            Sharpness = Math.Round(quality.Sharpness, 1),
            Yaw = Degrees(quality.Pose?.Yaw),
            Pitch = Degrees(quality.Pose?.Pitch),
            Roll = Degrees(quality.Pose?.Roll),
        };

        static double? Degrees(double? value) => value is { } v ? Math.Round(v, 1) : null;
    }

    /// <summary>The crop as a PNG, to be stored.</summary>
    public static byte[] PngOf(ReadOnlyMemory<byte> crop)
        => ImageCodec.EncodePng(new RgbImage(FaceEmbedder.CropSize, FaceEmbedder.CropSize, crop));
}
