using EdgeFace.Vision;

namespace EdgeFace.People.Documents;

sealed record BoxJson(float Left, float Top, float Right, float Bottom)
{
    public static BoxJson Of(Box box) => new(Round(box.Left), Round(box.Top), Round(box.Right), Round(box.Bottom));

    internal static float Round(float pixels) => MathF.Round(pixels, 2);
}

sealed record LandmarksJson(float[] LeftEye, float[] RightEye, float[] Nose, float[] LeftMouth, float[] RightMouth)
{
    public static LandmarksJson Of(Landmarks l) => new(At(l.LeftEye), At(l.RightEye), At(l.Nose), At(l.LeftMouth), At(l.RightMouth));

    static float[] At(Point p) => [BoxJson.Round(p.X), BoxJson.Round(p.Y)];
}

sealed record FaceJson(BoxJson Box, LandmarksJson Landmarks, float Score)
{
    public static FaceJson Of(Face face) => new(BoxJson.Of(face.Box), LandmarksJson.Of(face.Landmarks), face.Score);
}
