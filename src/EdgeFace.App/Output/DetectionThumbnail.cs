using System.Numerics;
using EdgeFace.App.Reports;
using EdgeFace.Evaluation;
using EdgeFace.Vision;

namespace EdgeFace.App.Output;

/// <summary>A detection with what is around it, small enough for a page.</summary>
static class DetectionThumbnail
{
    const int MostPixels = 320;

    /// <summary>As PNG; null where the picture can no longer be read.</summary>
    public static (byte[] Bytes, string MediaType)? Of(NotedDetection noted)
    {
        try
        {
            using var picture = ImageCodec.Lease(noted.Image.Read(), default, noted.Image.Name);
            return (ImageCodec.EncodePng(Draw(picture.Image, noted.Face)), "image/png");
        }
        catch (Exception e) when (Problem.OfItem(e) is { })
        {
            return null;
        }
    }

    /// <summary>Three times the box, as far as the picture goes, every n-th pixel.</summary>
    static RgbImage Draw(RgbImage image, DetectedFace face)
    {
        var box = face.Box;
        int left = Inside(box.Left - box.Width, image.Width), right = Inside(box.Right + box.Width, image.Width) + 1;
        int top = Inside(box.Top - box.Height, image.Height), bottom = Inside(box.Bottom + box.Height, image.Height) + 1;
        var step = (Math.Max(right - left, bottom - top) + MostPixels - 1) / MostPixels;
        int width = (right - left + step - 1) / step, height = (bottom - top + step - 1) / step;
        var pixels = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                image.Pixels.Slice(((top + y * step) * image.Width + left + x * step) * 3, 3).CopyTo(pixels.AsSpan((y * width + x) * 3));
        var points = face.Points ?? default;
        var landmarks = new Landmarks(At(points.LeftEye), At(points.RightEye), At(points.Nose), At(points.Mouth), At(points.Mouth));
        Vision.Point upper = At(new(box.Left, box.Top)), lower = At(new(box.Right, box.Bottom));
        var mark = new FaceMark(new Face(new Box(upper.X, upper.Y, lower.X, lower.Y), landmarks, face.Score), "", Agrees: false);
        return FacePainter.Draw(new RgbImage(width, height, pixels), [mark]);

        static int Inside(float at, int length) => (int)Math.Clamp(at, 0, length - 1);
        Vision.Point At(Vector2 at) => new((at.X - left) / step, (at.Y - top) / step);
    }
}
