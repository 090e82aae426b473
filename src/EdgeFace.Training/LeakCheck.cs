using EdgeFace.Models;
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
    /// <summary>The crops of <paramref name="training"/> whose best score against any of <paramref name="test"/> reaches the threshold, highest
    /// first.</summary>
    /// <param name="rows">How many crops are embedded and compared at a time.</param>
    public static IReadOnlyList<Leak> Find(CropStore training, CropStore test, FaceEmbedder embedder, float threshold, Action<string> report,
        int rows = 1024, CancellationToken stop = default)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var known = new List<Tensor>();
        for (var from = 0; from < test.Count; from += rows)
        {
            stop.ThrowIfCancellationRequested();
            known.Add(Embed(test, from, Math.Min(rows, test.Count - from), embedder).t().contiguous());
        }
        var leaks = new List<Leak>();
        for (var from = 0; from < training.Count; from += rows)
        {
            using var inner = NewDisposeScope();
            var crops = Embed(training, from, Math.Min(rows, training.Count - from), embedder);
            var nearest = new Leak[crops.shape[0]];
            for (var k = 0; k < known.Count; k++)
            {
                stop.ThrowIfCancellationRequested();
                using var part = NewDisposeScope();
                var (scores, places) = crops.mm(known[k]).max(1);
                float[] best = [.. scores.data<float>()];
                long[] which = [.. places.data<long>()];
                for (var i = 0; i < best.Length; i++)
                    if (k == 0 || best[i] > nearest[i].Score) nearest[i] = new(from + i, k * rows + (int)which[i], best[i]);
            }
            leaks.AddRange(nearest.Where(n => n.Score >= threshold));
            if (from / rows % 20 == 19) report($"{from + nearest.Length} of {training.Count} crops compared");
        }
        return [.. leaks.OrderByDescending(l => l.Score).ThenBy(l => l.Crop)];
    }

    /// <summary>Who of the test crops is called as somebody of the training crops, and how many training crops there are of each. Names are compared
    /// by their letters and digits; those without a letter are numbers, which mean nothing elsewhere.</summary>
    public static IReadOnlyList<(string Name, int Crops)> SharedNames(CropStore training, CropStore test)
    {
        var tested = test.Names.Select(n => Letters(n.Person)).OfType<string>().ToHashSet();
        return [.. training.Names.Where(n => Letters(n.Person) is { } letters && tested.Contains(letters))
            .CountBy(n => n.Person!).Select(p => (p.Key, p.Value)).OrderBy(p => p.Key, StringComparer.Ordinal)];

        static string? Letters(string? name)
            => name is not null && name.Any(char.IsLetter) ? string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant() : null;
    }

    /// <summary>The training crops to leave out: those found, and all others of the same people.</summary>
    public static IReadOnlyList<string> ToLeaveOut(CropStore training, IReadOnlyList<Leak> leaks, IReadOnlyList<(string Name, int Crops)> shared)
    {
        var names = shared.Select(s => s.Name).ToHashSet();
        CropName[] found = [.. leaks.Select(l => training.Names[l.Crop]), .. training.Names.Where(n => n.Person is { } p && names.Contains(p))];
        HashSet<string> crops = [.. found.Select(n => n.Name)];
        HashSet<long> people = [.. found.Select(n => n.Whose).OfType<long>()];
        return [.. training.Names.Where(n => crops.Contains(n.Name) || n.Whose is { } w && people.Contains(w)).Select(n => n.Name)];
    }

    static Tensor Embed(CropStore crops, int from, int count, FaceEmbedder embedder)
    {
        byte[] bytes = new byte[count * FaceEmbedder.CropBytes];
        for (var i = 0; i < count; i++) crops[from + i].CopyTo(bytes.AsSpan(i * FaceEmbedder.CropBytes));
        var vectors = new float[count * EdgeFaceConfig.EmbeddingSize];
        embedder.EmbedBatch(bytes, count, vectors);
        return tensor(vectors, [count, EdgeFaceConfig.EmbeddingSize]);
    }
}
