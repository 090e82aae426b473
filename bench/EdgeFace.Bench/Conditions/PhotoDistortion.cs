using EdgeFace.Vision;

namespace EdgeFace.Bench;

/// <summary>What happens to whole photographs: turned by any angle, cut off, or with a border.</summary>
static class PhotoDistortion
{
    /// <summary>Turned clockwise about its middle by any angle; what was outside is black.</summary>
    public static RgbImage Rotate(RgbImage image, double degrees)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        int width = (int)Math.Ceiling(Math.Abs(image.Width * cos) + Math.Abs(image.Height * sin)),
            height = (int)Math.Ceiling(Math.Abs(image.Width * sin) + Math.Abs(image.Height * cos));
        return Distortion.Make(width, height, (x, y, rgb) =>
        {
            double u = x - (width - 1) / 2.0, v = y - (height - 1) / 2.0;
            Distortion.Sample(image, cos * u + sin * v + (image.Width - 1) / 2.0, cos * v - sin * u + (image.Height - 1) / 2.0, rgb);
        });
    }

    /// <summary>The part of the picture that is left when a share of a face is cut off by the border.</summary>
    /// <param name="side">bottom, top, left or right.</param>
    public static RgbImage? Cut(RgbImage image, Box face, string side, double share)
    {
        var (left, top, right, bottom) = (0, 0, image.Width, image.Height);
        switch (side)
        {
            case "bottom": bottom = (int)Math.Round(face.Bottom - share * face.Height); break;
            case "top": top = (int)Math.Round(face.Top + share * face.Height); break;
            case "left": left = (int)Math.Round(face.Left + share * face.Width); break;
            default: right = (int)Math.Round(face.Right - share * face.Width); break;
        }
        (left, top, right, bottom) = (Math.Max(0, left), Math.Max(0, top), Math.Min(image.Width, right), Math.Min(image.Height, bottom));
        return right - left < 8 || bottom - top < 8
            ? null
            : Distortion.Make(right - left, bottom - top, (x, y, rgb) => Distortion.Pixel(image, left + x, top + y).CopyTo(rgb));
    }

    /// <summary>A border of black pixels around the picture, a share of its sides.</summary>
    public static RgbImage Border(RgbImage image, double share)
    {
        int dx = (int)(share * image.Width), dy = (int)(share * image.Height);
        return Distortion.Make(image.Width + 2 * dx, image.Height + 2 * dy, (x, y, rgb) =>
        {
            if ((uint)(x - dx) < (uint)image.Width && (uint)(y - dy) < (uint)image.Height) Distortion.Pixel(image, x - dx, y - dy).CopyTo(rgb);
        });
    }
}
