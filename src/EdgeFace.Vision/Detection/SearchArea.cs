namespace EdgeFace.Vision.Detection;

/// <summary>Where faces are searched for, in pixels of the picture: those whose centre lies in it, of a least width.</summary>
readonly record struct SearchArea(Box Box, float LeastWidth = 0)
{
    /// <summary>Where a face that was seen a moment ago is searched for: as far as its own size to each side, and not half as wide.</summary>
    public static SearchArea Around(Box face)
        => new(new(face.Left - face.Width, face.Top - face.Height, face.Right + face.Width, face.Bottom + face.Height), face.Width / 2);

    /// <summary>Whether it can be searched: finite, and not empty.</summary>
    public bool IsSound => float.IsFinite(Box.Area) && Box is { Width: > 0, Height: > 0 };

    /// <summary>Whether something of it lies in a picture of that size.</summary>
    public bool IsIn(int width, int height) => Box.Intersection(new(-0.5f, -0.5f, width - 0.5f, height - 0.5f)) > 0;

    public bool Holds(Box face)
    {
        float x = (face.Left + face.Right) / 2, y = (face.Top + face.Bottom) / 2;
        return x >= Box.Left && x <= Box.Right && y >= Box.Top && y <= Box.Bottom;
    }

    /// <summary>The part of a picture scaled by s, with what around it the network looks at to judge what lies in it.</summary>
    public Region At(double s, Region whole)
    {
        const int margin = 64, grid = 32;
        int left = Within(Box.Left * s - margin, whole.Right) / grid * grid, top = Within(Box.Top * s - margin, whole.Bottom) / grid * grid;
        int right = Within(Math.Ceiling(Box.Right * s) + margin, whole.Right), bottom = Within(Math.Ceiling(Box.Bottom * s) + margin, whole.Bottom);
        return new(left, top, Math.Max(right, left + 1), Math.Max(bottom, top + 1));
    }

    static int Within(double at, int side) => (int)Math.Clamp(at, 0, side);

    /// <summary>The same in a picture 1 / s as large, of this size, that was turned clockwise by so many quarters of the circle.</summary>
    public SearchArea Turned(int quarters, int width, int height, double s)
    {
        float l = (float)(Box.Left * s), t = (float)(Box.Top * s), r = (float)(Box.Right * s), b = (float)(Box.Bottom * s);
        var box = quarters switch
        {
            0 => new Box(l, t, r, b),
            1 => new(height - b, l, height - t, r),
            2 => new(width - r, height - b, width - l, height - t),
            _ => new(t, width - r, b, width - l),
        };
        return new(box, (float)(LeastWidth * s));
    }
}
