using EdgeFace.Vision;

namespace EdgeFace.Training.Detection;

/// <summary>What a cell of stage 1 is to say: score, weight of the box, weight of the points, four logarithms of distances, ten offsets.</summary>
static class CellTarget
{
    public const int Score = 0, BoxWeight = 1, PointsWeight = 2, Box = 3, Points = 7, Values = 17;

    // As the engine holds them.
    const float LeastLog = -4, MostLog = 5;

    /// <summary>Writes a box and landmarks, in pixels of the window, as a cell tells them.</summary>
    public static void Place(Span<float> target, (float X, float Y, int Stride) cell, Box box, in Landmarks landmarks)
    {
        var (x, y, stride) = cell;
        (target[Box], target[Box + 1]) = (Log((x - box.Left) / stride), Log((y - box.Top) / stride));
        (target[Box + 2], target[Box + 3]) = (Log((box.Right - x) / stride), Log((box.Bottom - y) / stride));
        Span<Point> points = [landmarks.LeftEye, landmarks.RightEye, landmarks.Nose, landmarks.LeftMouth, landmarks.RightMouth];
        for (var i = 0; i < points.Length; i++)
            (target[Points + 2 * i], target[Points + 2 * i + 1]) = ((points[i].X - x) / stride, (points[i].Y - y) / stride);

        static float Log(float distance) => distance > 0 ? Math.Clamp(MathF.Log(distance), LeastLog, MostLog) : LeastLog;
    }
}
