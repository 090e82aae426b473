namespace EdgeFace.Evaluation;

/// <summary>Two images and their score.</summary>
/// <param name="A">Index of the one image; the lesser of the two where the order means nothing.</param>
/// <param name="B">Index of the other image.</param>
/// <param name="Score">Their cosine.</param>
public readonly record struct ScoredPair(int A, int B, float Score)
{
    /// <summary>Highest score first; equal scores in the order of their images, so that any selection is one and the same.</summary>
    internal static int HighestFirst(ScoredPair x, ScoredPair y)
    {
        var order = y.Score.CompareTo(x.Score);
        if (order == 0) order = x.A.CompareTo(y.A);
        return order == 0 ? x.B.CompareTo(y.B) : order;
    }
}
