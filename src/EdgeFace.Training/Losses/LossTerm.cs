using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Losses;

/// <summary>One part of a loss: its name in recipes and tables, and its value for a batch, of one number.</summary>
sealed record LossTerm(string Name, Func<EmbeddingBatch, Tensor> Of)
{
    /// <summary>1 - cosine to the teacher's embedding, mean over the batch.</summary>
    public static LossTerm Cosine { get; } = new("cosine", b => 1 - (b.Student * b.Teacher).sum(1).mean());

    /// <summary>
    /// The squared difference of the two similarity matrices off their diagonals, summed over the other images and averaged over the batch: who is
    /// like whom.
    /// </summary>
    public static LossTerm Similarity { get; } = new("similarity", b =>
    {
        var images = b.Student.shape[0];
        return (b.Student.mm(b.Student.t()) - b.Teacher.mm(b.Teacher.t())).square().sum() / Math.Max(1, images);
    });

    /// <summary>Every part there is.</summary>
    public static IReadOnlyList<LossTerm> All { get; } = [Cosine, Similarity];
}
