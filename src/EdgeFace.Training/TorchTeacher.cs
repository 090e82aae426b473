using EdgeFace.Models;
using EdgeFace.Training.Losses;
using EdgeFace.Training.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training;

/// <summary>A teacher on libtorch: any network that can be read, frozen. Several threads may ask it at once.</summary>
sealed class TorchTeacher : IDisposable
{
    readonly ParameterBank _bank;
    readonly EdgeFaceModule _network;

    /// <param name="products">The type in which linear layers are computed; null for that of the weights.</param>
    public TorchTeacher(ModelFile model, ScalarType? products)
    {
        _bank = new(model.RequireNetwork(), trained: false);
        Start.From(model, _bank);
        _network = new(_bank, products);
    }

    /// <summary>Why maps of a network cannot be compared with those of a teacher, or null where they can.</summary>
    public static string? Fault(EdgeFaceConfig network, EdgeFaceConfig teacher)
        => network.Dims.SequenceEqual(teacher.Dims) && network.Depths.SequenceEqual(teacher.Depths) ? null
            : $"losses: {LossTerm.Stages.Name} and {LossTerm.Blocks.Name} compare maps of one size, and those of {network.Name} have "
                + $"{string.Join(", ", network.Dims)} channels, those of the teacher {teacher.Name} {string.Join(", ", teacher.Dims)}";

    /// <summary>Embeddings of length 1 of crops, (images, 512).</summary>
    /// <param name="maps">Takes the map after each block, a list for each stage; null where nobody asks.</param>
    public Tensor Embed(Tensor crops, List<IReadOnlyList<Tensor>>? maps)
    {
        using var grad = no_grad();
        return nn.functional.normalize(_network.Head(_network.Features(crops, maps)), dim: 1);
    }

    public void Dispose()
    {
        _network.Dispose();
        _bank.Dispose();
    }
}
