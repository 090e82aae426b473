namespace EdgeFace.Vision.Detection;

/// <summary>What may be a face.</summary>
readonly record struct Candidate(Box Box, Landmarks Landmarks, float Score)
{
    /// <summary>The score of stage 1, once stage 2 has given the final one.</summary>
    public float FirstScore { get; init; }

    /// <summary>What stage 2 says of the face as it lies, in [0, 1].</summary>
    public float Refined { get; init; }

    public Face ToFace() => new(Box, Landmarks, Score);

    /// <summary>Moved by (left, top), then larger by 1 / s: from a tile of the scaled picture to the picture.</summary>
    public Candidate ToPicture(double s, int left, int top)
    {
        return new(new(X(Box.Left), Y(Box.Top), X(Box.Right), Y(Box.Bottom)),
            new(At(Landmarks.LeftEye), At(Landmarks.RightEye), At(Landmarks.Nose), At(Landmarks.LeftMouth), At(Landmarks.RightMouth)), Score);

        Point At(Point p) => new(X(p.X), Y(p.Y));
        float X(float x) => (float)((x + left) / s);
        float Y(float y) => (float)((y + top) / s);
    }

    /// <summary>From a copy that was turned clockwise by so many quarters to the picture, which has this size, and is larger by 1 / s.</summary>
    public Candidate TurnedBack(int quarters, int width, int height, double s)
    {
        Point a = Back(new(Box.Left, Box.Top)), b = Back(new(Box.Right, Box.Bottom));
        return new(new(Math.Min(a.X, b.X), Math.Min(a.Y, b.Y), Math.Max(a.X, b.X), Math.Max(a.Y, b.Y)), new(Back(Landmarks.LeftEye),
            Back(Landmarks.RightEye), Back(Landmarks.Nose), Back(Landmarks.LeftMouth), Back(Landmarks.RightMouth)), Score);

        Point Back(Point p)
        {
            var (x, y) = quarters switch { 0 => (p.X, p.Y), 1 => (p.Y, height - p.X), 2 => (width - p.X, height - p.Y), _ => (width - p.Y, p.X) };
            return new((float)(x / s), (float)(y / s));
        }
    }
}
