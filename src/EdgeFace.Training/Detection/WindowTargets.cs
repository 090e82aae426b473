using EdgeFace.Vision;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Training.Detection;

/// <summary>What the cells of a window are to say: the teacher's answers, and annotated faces that the teacher does not see.</summary>
static class WindowTargets
{
    // Annotated faces narrower than this are left to the teacher.
    const float LeastWidth = 9;

    // Faces narrower than these belong to the cells of stride 8, and of 16.
    const float Widest8 = 40, Widest16 = 110;

    // What stands for a box or points that are not known exactly.
    const float RoughBox = 0.5f, RoughPoints = 0.3f;

    // A cell of the teacher speaks of a face where its box fits so well.
    const float Same = 0.35f;

    /// <summary>Writes the targets of all cells: <see cref="CellTarget.Values"/> each.</summary>
    /// <param name="answers">The teacher's, on the unspoilt window.</param>
    /// <param name="known">Faces that are annotated.</param>
    public static void Write(CellGrid grid, ReadOnlySpan<Candidate> answers, IReadOnlyList<KnownFace> known, DetectionRecipe recipe,
        Span<float> targets)
    {
        targets.Clear();
        Span<float> seen = stackalloc float[known.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            ref readonly var answer = ref answers[i];
            if (answer.Score <= 0) continue;
            var target = targets.Slice(i * CellTarget.Values, CellTarget.Values);
            target[CellTarget.Score] = answer.Score;
            if (answer.Score < recipe.PointsFrom || !FaceAligner.TryEstimate(FaceAligner.Template, answer.Landmarks, out var at)) continue;
            var box = FaceRefinement.BoxOf(at);
            CellTarget.Place(target, grid[i], box, answer.Landmarks);
            target[CellTarget.BoxWeight] = target[CellTarget.PointsWeight] = answer.Score;
            for (var f = 0; f < known.Count; f++)
                if (box.IntersectionOverUnion(known[f].Box) > Same) seen[f] = Math.Max(seen[f], answer.Score);
        }
        for (var f = 0; f < known.Count; f++)
            if (seen[f] < recipe.AnnotatedScore && known[f].Box.Width >= LeastWidth) Add(grid, known[f], (float)recipe.AnnotatedScore, targets);
    }

    static void Add(CellGrid grid, in KnownFace face, float score, Span<float> targets)
    {
        var level = face.Box.Width < Widest8 ? 0 : face.Box.Width < Widest16 ? 1 : 2;
        if (grid.At(level, (face.Box.Left + face.Box.Right) / 2, (face.Box.Top + face.Box.Bottom) / 2) is not { } cell) return;
        var target = targets.Slice(cell * CellTarget.Values, CellTarget.Values);
        if (target[CellTarget.Score] >= score) return;
        target[CellTarget.Score] = score;
        CellTarget.Place(target, grid[cell], face.Box, face.Landmarks);
        target[CellTarget.BoxWeight] = face.HasPoints ? 1 : RoughBox;
        target[CellTarget.PointsWeight] = face.HasPoints ? 1 : RoughPoints;
    }
}
