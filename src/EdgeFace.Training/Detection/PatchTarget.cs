namespace EdgeFace.Training.Detection;

/// <summary>What a patch is to make stage 2 say: the score, the weight of the points, and how the five points move.</summary>
static class PatchTarget
{
    public const int Score = 0, PointsWeight = 1, Points = 2, Values = 12;
}
