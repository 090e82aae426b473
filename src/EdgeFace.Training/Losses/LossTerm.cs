using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Losses;

/// <summary>One part of a loss: its name in recipes and tables, and its value for a batch, of one number.</summary>
/// <param name="OfMaps">Whether it asks for the networks' maps, which a teacher on libtorch gives.</param>
sealed record LossTerm(string Name, Func<EmbeddingBatch, Tensor> Of, bool OfMaps = false)
{
    // Where all of a map is alike.
    const double LeastVariance = 1e-12;

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

    /// <summary>The distance of the stages' maps, mean over the stages.</summary>
    public static LossTerm Stages { get; } = new("stages", b => Mean(b.Maps!.Value, blocks => [blocks[^1]]), OfMaps: true);

    /// <summary>The distance of the maps after every block, mean over the blocks.</summary>
    public static LossTerm Blocks { get; } = new("blocks", b => Mean(b.Maps!.Value, blocks => blocks), OfMaps: true);

    /// <summary>Every part there is.</summary>
    public static IReadOnlyList<LossTerm> All { get; } = [Cosine, Similarity, Stages, Blocks];

    static Tensor Mean(NetworkMaps maps, Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> chosen)
    {
        var pairs = maps.Student.Zip(maps.Teacher).SelectMany(s => chosen(s.First).Zip(chosen(s.Second)));
        return stack([.. pairs.Select(p => Distance(p.First, p.Second))]).mean();
    }

    /// <summary>The mean squared difference of two maps as a share of the teacher's variance about its channels' means.</summary>
    static Tensor Distance(Tensor student, Tensor teacher)
    {
        var variance = (teacher - teacher.mean([0, 1, 2], keepdim: true)).square().mean().clamp_min(LeastVariance);
        return (student - teacher).square().mean() / variance;
    }
}
