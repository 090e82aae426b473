using System.Runtime.InteropServices;

namespace EdgeFace.Vision.Detection;

/// <summary>Stage 2 for all candidates of a picture: their scores and landmarks, and boxes drawn from those (docs/detector.md).</summary>
sealed unsafe class FaceRefinement(RefinerNetwork network)
{
    const int Passes = 2;

    /// <summary>Refines candidates where they stand; those whose landmarks define no face get score 0.</summary>
    public void Run(SearchMemory memory)
    {
        var candidates = CollectionsMarshal.AsSpan(memory.Found);
        for (; candidates.Length > 0; candidates = candidates[Math.Min(RefinerNetwork.Batch, candidates.Length)..])
            RunBatch(memory, candidates[..Math.Min(RefinerNetwork.Batch, candidates.Length)]);
    }

    void RunBatch(SearchMemory memory, Span<Candidate> candidates)
    {
        Span<SimilarityTransform> fromTemplate = stackalloc SimilarityTransform[RefinerNetwork.Batch];
        Span<float> logits = stackalloc float[RefinerNetwork.Batch];
        for (var pass = 0; pass < Passes; pass++)
        {
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
            var score = MathF.Sqrt(candidates[i].Score) / (1 + MathF.Exp(-logits[i]));
            candidates[i] = FaceAligner.TryEstimate(FaceAligner.Template, candidates[i].Landmarks, out var last)
                ? new(BoxOf(last), candidates[i].Landmarks, score) : candidates[i] with { Score = 0 };
        }
    }

    static Landmarks Moved(float* output, SimilarityTransform fromTemplate)
    {
        var t = FaceAligner.Template;
        return new(At(t.LeftEye, 1), At(t.RightEye, 3), At(t.Nose, 5), At(t.LeftMouth, 7), At(t.RightMouth, 9));

        Point At(Point p, int i) => fromTemplate.Apply(new Point(p.X + 35 * output[i], p.Y + 35 * output[i + 1]));
    }

    /// <summary>The box that landmarks define: 80 x 94 template units around template point (56, 65).</summary>
    static Box BoxOf(SimilarityTransform fromTemplate)
    {
        var centre = fromTemplate.Apply(new Point(56, 65));
        float width = 80 * (float)fromTemplate.Scale, height = 94 * (float)fromTemplate.Scale;
        return new Box(centre.X - width / 2, centre.Y - height / 2, centre.X + width / 2, centre.Y + height / 2);
    }
}
