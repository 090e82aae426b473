using EdgeFace.Training.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training;

/// <summary>A training crop that looks like somebody of a test set.</summary>
/// <param name="Crop">Its number among the training crops.</param>
/// <param name="Test">The number of the most alike test crop.</param>
/// <param name="Score">Their score by the model that compares.</param>
readonly record struct Leak(int Crop, int Test, float Score);

/// <summary>Looks for people of a test set among training crops by the score of a model, usually the teacher.</summary>
static class LeakCheck
{
    const int Rows = 1024;

    /// <summary>The crops of <paramref name="training"/> whose best score against any of <paramref name="test"/> reaches the threshold, highest
    /// first.</summary>
    public static IReadOnlyList<Leak> Find(CropStore training, CropStore test, FaceEmbedder embedder, float threshold, Action<string> report, CancellationToken stop = default)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var known = Embed(test, 0, test.Count, embedder).t().contiguous();
        var leaks = new List<Leak>();
        for (var from = 0; from < training.Count; from += Rows)
        {
            stop.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var (scores, nearest) = Embed(training, from, Math.Min(Rows, training.Count - from), embedder).mm(known).max(1);
            float[] best = [.. scores.data<float>()];
            long[] which = [.. nearest.data<long>()];
            for (var i = 0; i < best.Length; i++)
                if (best[i] >= threshold) leaks.Add(new(from + i, (int)which[i], best[i]));
            if (from / Rows % 20 == 19) report($"{from + best.Length} of {training.Count} crops compared");
        }
        return [.. leaks.OrderByDescending(l => l.Score).ThenBy(l => l.Crop)];
    }

    static Tensor Embed(CropStore crops, int from, int count, FaceEmbedder embedder)
    {
        byte[] bytes = new byte[count * FaceEmbedder.CropBytes];
        for (var i = 0; i < count; i++) crops[from + i].CopyTo(bytes.AsSpan(i * FaceEmbedder.CropBytes));
        var vectors = new float[count * FaceEmbedder.Dimension];
        embedder.EmbedBatch(bytes, count, vectors);
        return tensor(vectors, [count, FaceEmbedder.Dimension]);
    }
}
