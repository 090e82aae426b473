using SkiaSharp;

namespace EdgeFace.Vision;

/// <summary>A face to draw and what to write at it.</summary>
/// <param name="Face">The face, in the picture's pixels.</param>
/// <param name="Caption">Text above its box.</param>
/// <param name="Agrees">True draws it green, false red, null blue.</param>
public sealed record FaceMark(Face Face, string Caption, bool? Agrees = null);

/// <summary>Draws what was found: for looking at, not a part of the pipeline. The picture given never changes.</summary>
public static class FacePainter
{
    const int PanelHeight = 480, MostCharacters = 160;

    /// <summary>
    /// A copy of the picture with boxes, landmarks and captions. A caption covers no other face where there is a place for it that does not.
    /// </summary>
    public static RgbImage Draw(RgbImage image, IReadOnlyList<FaceMark> faces)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(faces);
        using var bitmap = ImageCodec.ToBitmap(image);
        using (var canvas = new SKCanvas(bitmap))
            Mark(canvas, faces, Math.Max(1, Math.Max(image.Width, image.Height) / 640f), image.Width, image.Height);
        return ImageCodec.FromBitmap(bitmap);
    }

    /// <summary>Two pictures beside each other at one height, each with its face, above a caption, of which 160 characters are shown.</summary>
    public static RgbImage SideBySide(RgbImage left, FaceMark leftFace, RgbImage right, FaceMark rightFace, string caption)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        ArgumentNullException.ThrowIfNull(caption);
        if (caption.Length > MostCharacters) caption = caption[..(MostCharacters - 3)] + "...";
        const int gap = 8, textScale = 3, bar = PixelFont.Height * textScale + 24;
        int leftWidth = Width(left), rightWidth = Width(right),
            width = Math.Max(leftWidth + gap + rightWidth, caption.Length * PixelFont.Advance * textScale + 32);
        using var bitmap = new SKBitmap(new SKImageInfo(width, PanelHeight + bar, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(new SKColor(24, 24, 27));
            var start = (width - leftWidth - gap - rightWidth) / 2;
            Panel(canvas, left, leftFace, start, leftWidth);
            Panel(canvas, right, rightFace, start + leftWidth + gap, rightWidth);
            Text(canvas, caption, (width - caption.Length * PixelFont.Advance * textScale) / 2, PanelHeight + 12,
                textScale, Colour(leftFace.Agrees));
        }
        return ImageCodec.FromBitmap(bitmap);

        static int Width(RgbImage image) => (int)Math.Clamp(Math.Round((double)image.Width * PanelHeight / image.Height), 1, 4 * PanelHeight);
    }

    static void Panel(SKCanvas canvas, RgbImage image, FaceMark face, int x, int width)
    {
        using var bitmap = ImageCodec.ToBitmap(image);
        using var source = SKImage.FromBitmap(bitmap);
        canvas.DrawImage(source, SKRect.Create(x, 0, width, PanelHeight), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        canvas.Save();
        canvas.ClipRect(SKRect.Create(x, 0, width, PanelHeight));
        canvas.Translate(x, 0);
        var (sx, sy) = ((float)width / image.Width, (float)PanelHeight / image.Height);
        Mark(canvas, [face with { Face = Scaled(face.Face, sx, sy) }], 1.5f, width, PanelHeight);
        canvas.Restore();
    }

    static Face Scaled(Face face, float sx, float sy)
    {
        var l = face.Landmarks;
        return face with
        {
            Box = new(face.Box.Left * sx, face.Box.Top * sy, face.Box.Right * sx, face.Box.Bottom * sy),
            Landmarks = new(At(l.LeftEye), At(l.RightEye), At(l.Nose), At(l.LeftMouth), At(l.RightMouth)),
        };

        Point At(Point p) => new(p.X * sx, p.Y * sy);
    }

    static void Mark(SKCanvas canvas, IReadOnlyList<FaceMark> marks, float unit, int width, int height)
    {
        foreach (var mark in marks) Outline(canvas, mark, unit);
        int[] scales = [.. marks.Select(m => (int)Math.Clamp(m.Face.Box.Width / 60, Math.Round(unit), 4 * unit))];
        var places = CaptionPlaces.Of([.. marks.Select(m => m.Face.Box)], [.. marks.Select((m, i) => Size(m.Caption, scales[i]))],
            width, height, unit);
        for (var i = 0; i < marks.Count; i++)
        {
            if (marks[i].Caption.Length == 0) continue;
            using var back = new SKPaint { Color = Colour(marks[i].Agrees) };
            canvas.DrawRect(new SKRect(places[i].Left, places[i].Top, places[i].Right, places[i].Bottom), back);
            Text(canvas, marks[i].Caption, places[i].Left + scales[i], places[i].Top + scales[i], scales[i], SKColors.White);
        }
    }

    static (float Width, float Height) Size(string caption, int scale)
        => caption.Length == 0 ? default : ((float)caption.Length * PixelFont.Advance * scale + scale, (PixelFont.Height + 2) * scale);

    static void Outline(SKCanvas canvas, FaceMark mark, float unit)
    {
        var (box, l) = (mark.Face.Box, mark.Face.Landmarks);
        using var stroke = new SKPaint { Color = Colour(mark.Agrees), IsAntialias = true, IsStroke = true, StrokeWidth = 2 * unit };
        using var fill = new SKPaint { Color = new SKColor(250, 204, 21), IsAntialias = true };
        canvas.DrawRect(new SKRect(box.Left, box.Top, box.Right, box.Bottom), stroke);
        foreach (var p in (Point[])[l.LeftEye, l.RightEye, l.Nose, l.LeftMouth, l.RightMouth])
            canvas.DrawCircle(p.X, p.Y, Math.Max(unit, box.Width / 50), fill);
    }

    static void Text(SKCanvas canvas, string text, float x, float y, int scale, SKColor colour)
    {
        using var paint = new SKPaint { Color = colour };
        var end = canvas.LocalClipBounds.Right;
        for (var i = 0; i < text.Length && x + i * PixelFont.Advance * scale < end; i++)
            for (var cx = 0; cx < PixelFont.Width; cx++)
                for (var cy = 0; cy < PixelFont.Height; cy++)
                    if (PixelFont.IsSet(text[i], cx, cy))
                        canvas.DrawRect(SKRect.Create(x + (i * PixelFont.Advance + cx) * scale, y + cy * scale, scale, scale), paint);
    }

    static SKColor Colour(bool? agrees) => agrees switch { true => new(22, 163, 74), false => new(220, 38, 38), null => new(37, 99, 235) };
}
