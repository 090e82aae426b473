namespace EdgeFace.Vision.Detection;

/// <summary>What may be a face.</summary>
readonly record struct Candidate(Box Box, Landmarks Landmarks, float Score)
{
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
}
