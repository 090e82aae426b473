using System.Runtime.InteropServices;

namespace EdgeFace.Vision.Detection;

/// <summary>Stage 2 for all candidates of a picture: their scores and landmarks, and boxes drawn from those (docs/detector.md).</summary>
sealed unsafe class FaceRefinement(RefinerNetwork network)
{
    /// <summary>Refines candidates where they stand; those whose landmarks define no face get score 0.</summary>
    public void Run(SearchMemory memory, List<Candidate> all, int passes = 2)
    {
        var candidates = CollectionsMarshal.AsSpan(all);
        for (; candidates.Length > 0; candidates = candidates[Math.Min(RefinerNetwork.Batch, candidates.Length)..])
            RunBatch(memory, candidates[..Math.Min(RefinerNetwork.Batch, candidates.Length)], passes);
    }

    /// <summary>
    /// Looks at each found face also turned by 90, 180 and 270 degrees, and takes what stage 2 is surest of: stage 1 also finds faces upside down,
    /// with landmarks as if they were upright.
    /// </summary>
    /// <param name="memory">What is worked in.</param>
    /// <param name="found">Refined faces.</param>
    public void TurnUpright(SearchMemory memory, List<Candidate> found)
    {
        const int others = 3;
        memory.Otherwise.Clear();
        foreach (var face in found)
            for (var quarters = 1; quarters <= others; quarters++)
                memory.Otherwise.Add(face with { Score = face.FirstScore, Landmarks = Turned(face.Landmarks, quarters) });
        Run(memory, memory.Otherwise);
        for (var i = 0; i < memory.Otherwise.Count; i++)
            if (memory.Otherwise[i].Refined > found[i / others].Refined) found[i / others] = memory.Otherwise[i];
    }

    /// <summary>The landmarks of a face turned about its centre.</summary>
    static Landmarks Turned(in Landmarks landmarks, int quarters)
    {
        if (!FaceAligner.TryEstimate(FaceAligner.Template, landmarks, out var fromTemplate)) return landmarks;
        var t = FaceAligner.Template;
        return new(At(t.LeftEye), At(t.RightEye), At(t.Nose), At(t.LeftMouth), At(t.RightMouth));

        Point At(Point p)
        {
            float x = p.X - PatchRows.CentreX, y = p.Y - PatchRows.CentreY;
            (x, y) = quarters switch { 1 => (-y, x), 2 => (-x, -y), _ => (y, -x) };
            return fromTemplate.Apply(new(PatchRows.CentreX + x, PatchRows.CentreY + y));
        }
    }

    void RunBatch(SearchMemory memory, Span<Candidate> candidates, int passes)
    {
        Span<SimilarityTransform> fromTemplate = stackalloc SimilarityTransform[RefinerNetwork.Batch];
        Span<float> logits = stackalloc float[RefinerNetwork.Batch];
        for (var pass = 0; pass < passes; pass++)
        {
            memory.Cancellation.ThrowIfCancellationRequested();
            for (var i = 0; i < candidates.Length; i++)
            {
                if (candidates[i].Score <= 0 || !FaceAligner.TryEstimate(FaceAligner.Template, candidates[i].Landmarks, out fromTemplate[i]))
                {
                    candidates[i] = candidates[i] with { Score = 0 };
                    continue;
                }
                memory.Patch.Set(memory.Pyramid, fromTemplate[i]);
                RefinerNetwork.Look(memory.Refiner!, i, memory.Patch);
            }
            network.Finish(memory.Refiner!, candidates.Length);
            for (var i = 0; i < candidates.Length; i++)
            {
                if (candidates[i].Score <= 0) continue;
                var output = memory.Refiner!.OutputOf(i);
                logits[i] = output[0];
                candidates[i] = candidates[i] with { Landmarks = Moved(output, fromTemplate[i]) };
            }
        }
        for (var i = 0; i < candidates.Length; i++)
        {
            if (candidates[i].Score <= 0) continue;
            var (first, refined) = (candidates[i].Score, 1 / (1 + MathF.Exp(-logits[i])));
            var score = MathF.Sqrt(first) / (1 + MathF.Exp(-logits[i]));
            candidates[i] = FaceAligner.TryEstimate(FaceAligner.Template, candidates[i].Landmarks, out var last)
                ? new(BoxOf(last), candidates[i].Landmarks, score) { FirstScore = first, Refined = refined } : candidates[i] with { Score = 0 };
        }
    }

    static Landmarks Moved(float* output, SimilarityTransform fromTemplate)
    {
        var t = FaceAligner.Template;
        return new(At(t.LeftEye, 1), At(t.RightEye, 3), At(t.Nose, 5), At(t.LeftMouth, 7), At(t.RightMouth, 9));

        Point At(Point p, int i) => fromTemplate.Apply(new Point(p.X + 35 * output[i], p.Y + 35 * output[i + 1]));
    }

    /// <summary>The box that landmarks define: 80 x 94 template units around template point (56, 65).</summary>
    internal static Box BoxOf(SimilarityTransform fromTemplate)
    {
        var centre = fromTemplate.Apply(new Point(56, 65));
        float width = 80 * (float)fromTemplate.Scale, height = 94 * (float)fromTemplate.Scale;
        return new Box(centre.X - width / 2, centre.Y - height / 2, centre.X + width / 2, centre.Y + height / 2);
    }
}
