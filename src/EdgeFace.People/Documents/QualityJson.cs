using EdgeFace.Gallery;

namespace EdgeFace.People.Documents;

sealed record QualityJson(double? FaceWidth, double? DetectorScore, double? Sharpness, double? Yaw, double? Pitch, double? Roll)
{
    public static QualityJson Of(SampleQuality q) => new(q.FaceWidth, q.DetectorScore, q.Sharpness, q.Yaw, q.Pitch, q.Roll);
}
