using System.Diagnostics;
using System.Runtime.Intrinsics;
using SkiaSharp;

namespace EdgeFace.Vision;

/// <summary>Takes a picture's rows as stored, RGBA, and writes them, without alpha, where they lie in the upright picture.</summary>
sealed unsafe class UprightRows
{
    readonly int _width;
    readonly long _start, _right, _down;

    /// <param name="width">Width of the picture as stored.</param>
    /// <param name="height">Height of the picture as stored.</param>
    /// <param name="origin">What its EXIF orientation says.</param>
    public UprightRows(int width, int height, SKEncodedOrigin origin)
    {
        _width = width;
        // Where the stored pixel (x, y) goes: start + x * right + y * down.
        int last = width * height - 1, lastRow = width * (height - 1);
        (_start, _right, _down) = origin switch
        {
            SKEncodedOrigin.TopRight => (width - 1, -1, width),
            SKEncodedOrigin.BottomRight => (last, -1, -width),
            SKEncodedOrigin.BottomLeft => (lastRow, 1, -width),
            SKEncodedOrigin.LeftTop => (0, height, 1),
            SKEncodedOrigin.RightTop => (height - 1, height, -1),
            SKEncodedOrigin.RightBottom => (last, -height, -1),
            SKEncodedOrigin.LeftBottom => (height * (width - 1), -height, 1),
            _ => (0, 1, width),
        };
        var turned = origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        Image = turned ? RgbImage.InNativeMemory(height, width) : RgbImage.InNativeMemory(width, height);
    }

    /// <summary>The upright picture, in native memory.</summary>
    public RgbImage Image { get; }

    /// <summary>Writes rows where they lie in the upright picture.</summary>
    /// <param name="rgba">The first row's first pixel.</param>
    /// <param name="first">Which row of the picture is the first.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="opaque">Whether alpha says nothing; otherwise it is laid over white.</param>
    public void Write(byte* rgba, int first, int count, bool opaque)
    {
        Debug.Assert(first >= 0 && (long)(first + count) * _width <= (long)Image.Width * Image.Height, "rows are those of the picture");
        fixed (byte* rgb = Image.Target)
        {
            if (opaque && _right == 1)
            {
                for (var y = 0; y < count; y++) Copy(rgba + 4L * y * _width, rgb + 3 * (_start + (first + y) * _down));
                return;
            }
            // Of a turned picture a row is a column: few rows side by side are few bytes side by side.
            for (var x = 0; x < _width; x++)
            {
                var source = rgba + 4L * x;
                var target = rgb + 3 * (_start + x * _right + first * _down);
                for (var y = 0; y < count; y++, source += 4L * _width, target += 3 * _down)
                {
                    if (opaque) (target[0], target[1], target[2]) = (source[0], source[1], source[2]);
                    else for (var c = 0; c < 3; c++) target[c] = (byte)((source[c] * source[3] + 255 * (255 - source[3]) + 127) / 255);
                }
            }
        }
    }

    void Copy(byte* rgba, byte* rgb)
    {
        var x = 0;
        var colours = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
        // Four pixels are 12 bytes; the 4 beyond them are written anew by the next ones.
        for (; x + 6 <= _width; x += 4) Vector128.Shuffle(Vector128.Load(rgba + 4 * x), colours).Store(rgb + 3 * x);
        for (; x < _width; x++) (rgb[3 * x], rgb[3 * x + 1], rgb[3 * x + 2]) = (rgba[4 * x], rgba[4 * x + 1], rgba[4 * x + 2]);
    }
}
