using EdgeFace.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Heads;

/// <summary>
/// What moves centres that follow a teacher instead of being learnt (AdaDistill, Boutros et al., 2024): each image takes the centre w of its person
/// to a w + (1 - a) t, where t is the teacher's embedding, s the network's, and a = cos(s, t) cos(w, t). A network that agrees little with its
/// teacher so learns single images, one that agrees learns people. Holds s and t of the images of one batch.
/// </summary>
/// <param name="images">How many images a batch has.</param>
sealed class FollowedCentres(int images)
{
    // As the authors' code bounds cos(w, t) and a from below.
    const double Least = 1e-6;

    // Where a centre is all zeros.
    const double Shortest = 1e-12;

    static readonly int Width = EdgeFaceConfig.EmbeddingSize;

    readonly float[] _teacher = new float[images * Width];
    readonly float[] _agreement = new float[images];

    /// <summary>Takes in some images. Any number of threads at once, each with images of its own.</summary>
    /// <param name="places">Their places in the batch.</param>
    /// <param name="student">Embeddings of length 1 by the network: (images, 512).</param>
    /// <param name="teacher">Embeddings of length 1 by the teacher: (images, 512).</param>
    public void Set(IReadOnlyList<int> places, Tensor student, Tensor teacher)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        float[] vectors = [.. teacher.contiguous().data<float>()], agreement = [.. (student * teacher).sum(1).data<float>()];
        for (var i = 0; i < places.Count; i++)
        {
            vectors.AsSpan(i * Width, Width).CopyTo(_teacher.AsSpan(places[i] * Width));
            _agreement[places[i]] = agreement[i];
        }
    }

    /// <summary>Lets an image move its person's centre.</summary>
    public void Move(Span<float> centre, int place)
    {
        var teacher = _teacher.AsSpan(place * Width, Width);
        double along = 0, square = 0;
        for (var i = 0; i < centre.Length; i++)
        {
            along += (double)centre[i] * teacher[i];
            square += (double)centre[i] * centre[i];
        }
        var likeness = Math.Clamp(along / Math.Max(Math.Sqrt(square), Shortest), Least, 1);
        var keep = Math.Clamp(Math.Min(_agreement[place], 1) * likeness, Least, 1);
        for (var i = 0; i < centre.Length; i++) centre[i] = (float)(keep * centre[i] + (1 - keep) * teacher[i]);
    }
}
