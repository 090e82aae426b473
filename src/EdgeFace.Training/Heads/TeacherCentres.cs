using EdgeFace.Models;
using EdgeFace.Training.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Heads;

/// <summary>Centres that begin where a teacher sees the people: so a head asks nothing of a network that has learnt from the teacher but what it
/// lacks.</summary>
static class TeacherCentres
{
    const int Batch = 32;

    /// <summary>Lets each centre have the direction of the sum of the teacher's embeddings of the person's crops; its length stays.</summary>
    /// <param name="chosen">The crops that count.</param>
    public static void Write(ClassCentres centres, CropStore crops, IReadOnlyList<int> chosen, FaceEmbedder teacher,
        CancellationToken stop = default)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var width = EdgeFaceConfig.EmbeddingSize;
        // Added here, because libtorch's own sum takes a Scalar, and nothing holds off collections yet.
        var sums = new float[(long)centres.People * width];
        foreach (var part in chosen.Chunk(Batch))
        {
            stop.ThrowIfCancellationRequested();
            var views = new byte[part.Length * FaceEmbedder.CropBytes];
            for (var i = 0; i < part.Length; i++) crops[part[i]].CopyTo(views.AsSpan(i * FaceEmbedder.CropBytes));
            var vectors = new float[part.Length * width];
            teacher.EmbedBatch(views, part.Length, vectors, cancellation: stop);
            for (var i = 0; i < vectors.Length; i++) sums[(long)crops.People[part[i / width]] * width + i % width] += vectors[i];
        }
        int[] all = [.. Enumerable.Range(0, centres.People)];
        var before = centres.Take(0, all);
        centres.Put(0, all, nn.functional.normalize(tensor(sums, [centres.People, width]), dim: 1) * before.norm(1, keepdim: true));
    }
}
