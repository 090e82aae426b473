using EdgeFace.Vision;

namespace EdgeFace.Tests.Support;

static class SampleCrop
{
    /// <summary>The aligned crop of a photograph's best face.</summary>
    public static RgbImage Of(string file)
    {
        using var detector = new FaceDetector(DefaultModels.OpenDetector(), DefaultModels.OpenRefiner());
        var image = ImageCodec.Load(file);
        var crop = new byte[FaceEmbedder.CropBytes];
        FaceAligner.Align(image, detector.Detect(image)[0].Landmarks, crop);
        return new(FaceEmbedder.CropSize, FaceEmbedder.CropSize, crop);
    }
}
