using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Vision;

public sealed class FaceQualityTests
{
    const double Degree = Math.PI / 180;

    /// <summary>A face of the estimate's own proportions, seen from afar: eyes 1 apart, the nose 0.6 before the plane of eyes and mouth.</summary>
    static Landmarks Seen(double yaw, double pitch, double roll)
    {
        var t = FaceAligner.Template;
        double eyes = t.RightEye.X - t.LeftEye.X, ey = (t.LeftEye.Y + t.RightEye.Y) / 2,
            mouth = ((t.LeftMouth.Y + t.RightMouth.Y) / 2 - ey) / eyes, nose = (t.Nose.Y - ey) / eyes;
        Point At(double x, double y, double depth)
        {
            var (y1, z1) = (
                y * Math.Cos(pitch * Degree) + depth * Math.Sin(pitch * Degree),
                depth * Math.Cos(pitch * Degree) - y * Math.Sin(pitch * Degree));
            var x1 = x * Math.Cos(yaw * Degree) + z1 * Math.Sin(yaw * Degree);
            var (x2, y2) = (
                x1 * Math.Cos(roll * Degree) - y1 * Math.Sin(roll * Degree),
                x1 * Math.Sin(roll * Degree) + y1 * Math.Cos(roll * Degree));
            return new((float)(200 + 50 * x2), (float)(150 + 50 * y2));
        }

        return new(At(-0.5, 0, 0), At(0.5, 0, 0), At(0, nose, 0.6), At(-0.4, mouth, 0), At(0.4, mouth, 0));
    }

    static Landmarks Mirrored(Landmarks l, int width)
    {
        Point At(Point p) => new(width - 1 - p.X, p.Y);
        return new(At(l.RightEye), At(l.LeftEye), At(l.Nose), At(l.RightMouth), At(l.LeftMouth));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(25, 0)]
    [InlineData(-40, 0)]
    [InlineData(0, 20)]
    [InlineData(0, -25)]
    public void A_turned_head_of_average_proportions_gives_its_angles(double yaw, double pitch)
    {
        foreach (var roll in (double[])[0, 30, -80, 170])
        {
            var pose = HeadPose.Estimate(Seen(yaw, pitch, roll))!.Value;
            Assert.Equal(yaw, pose.Yaw, 0.5);
            Assert.Equal(pitch, pose.Pitch, 0.5);
            Assert.Equal(roll, pose.Roll, 0.01);
        }
    }

    [Fact]
    public void A_mirrored_face_looks_to_the_other_side()
    {
        var face = Seen(23, 8, 12);
        var (pose, mirrored) = (HeadPose.Estimate(face)!.Value, HeadPose.Estimate(Mirrored(face, 640))!.Value);
        Assert.True(pose.Yaw > 10);
        Assert.Equal(-pose.Yaw, mirrored.Yaw, 0.01);
        Assert.Equal(pose.Pitch, mirrored.Pitch, 0.01);
        Assert.Equal(-pose.Roll, mirrored.Roll, 0.01);
    }

    [Fact]
    public void Landmarks_at_one_place_or_that_are_no_numbers_tell_nothing()
    {
        var face = Seen(0, 0, 0);
        Assert.Null(HeadPose.Estimate(default));
        Assert.Null(HeadPose.Estimate(face with { RightEye = face.LeftEye }));
        Assert.Null(HeadPose.Estimate(face with { Nose = new(float.NaN, 0) }));
    }

    [Fact]
    public void Blur_lowers_the_sharpness_and_a_plain_crop_has_none()
    {
        var sharp = Crop();
        var once = Blurred(sharp);
        var twice = Blurred(once);
        Assert.True(FaceQuality.SharpnessOf(sharp) > 2 * FaceQuality.SharpnessOf(once),
            $"{FaceQuality.SharpnessOf(sharp)} and {FaceQuality.SharpnessOf(once)}");
        Assert.True(FaceQuality.SharpnessOf(once) > FaceQuality.SharpnessOf(twice));
        Assert.Equal(0, FaceQuality.SharpnessOf(new byte[FaceEmbedder.CropBytes]), 1e-9);
        Assert.Throws<ArgumentException>(() => FaceQuality.SharpnessOf(new byte[10]));
    }

    [Fact]
    public void Sharpness_is_the_variance_of_the_laplacian()
    {
        // Columns of 0 and 100 alternate: the Laplacian is +-200 everywhere, its mean 0.
        var stripes = new byte[FaceEmbedder.CropBytes];
        for (var i = 0; i < stripes.Length; i++) stripes[i] = i / 3 % 2 == 0 ? (byte)0 : (byte)100;
        Assert.Equal(200 * 200, FaceQuality.SharpnessOf(stripes), 1e-6);
    }

    [Fact]
    public void A_detected_face_has_the_facts_of_its_box()
    {
        using var detector = new FaceDetector(DefaultModels.OpenDetector(), DefaultModels.OpenRefiner());
        var face = Assert.Single(detector.Detect(ImageCodec.Load(TestData.Sample("adam-1.jpg"))));
        var quality = FaceQuality.Of(face, Crop(), 512, 512);
        Assert.Equal((face.Box.Width, face.Score), (quality.FaceWidth, quality.DetectorScore));
        Assert.InRange(quality.Pose!.Value.Yaw, -30, 30);
        Assert.InRange(quality.Pose!.Value.Roll, -20, 20);
    }

    [Theory]
    [InlineData(10, 10, 60, 60, 0, null)]
    [InlineData(-20.5, 10, 19.5, 60, 0.5, PictureSide.Left)]
    [InlineData(10, -10.5, 60, 29.5, 0.25, PictureSide.Top)]
    [InlineData(79.5, 10, 119.5, 60, 0.5, PictureSide.Right)]
    [InlineData(10, 59.5, 60, 99.5, 0.5, PictureSide.Bottom)]
    [InlineData(10, 200, 60, 300, 1, PictureSide.Bottom)]
    [InlineData(10, 10, 10, 10, 0, null)]
    public void What_lies_outside_the_picture_is_told_with_its_side(float left, float top, float right, float bottom, double share,
        PictureSide? side)
    {
        var face = new Face(new Box(left, top, right, bottom), FaceAligner.Template, 1);
        var quality = FaceQuality.Of(face, new byte[FaceEmbedder.CropBytes], 100, 80);
        Assert.Equal(share, quality.Outside, 1e-6);
        Assert.Equal(side, quality.OutsideAt);
    }

    static byte[] Crop() => SampleCrop.Of(TestData.Sample("adam-1.jpg")).Pixels.ToArray();

    /// <summary>The mean of 3 x 3 pixels; the border stays.</summary>
    static byte[] Blurred(byte[] crop)
    {
        var result = crop.ToArray();
        const int row = FaceEmbedder.CropSize * 3;
        for (var y = 1; y < FaceEmbedder.CropSize - 1; y++)
            for (var x = 3; x < row - 3; x++)
            {
                var sum = 0;
                for (var dy = -1; dy <= 1; dy++)
                    for (var dx = -3; dx <= 3; dx += 3) sum += crop[(y + dy) * row + x + dx];
                result[y * row + x] = (byte)(sum / 9);
            }
        return result;
    }
}
