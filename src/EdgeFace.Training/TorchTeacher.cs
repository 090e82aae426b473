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

    TorchTeacher(ModelFile model, ScalarType? products)
    {
        _bank = new(model.RequireNetwork(), trained: false);
        Start.From(model, _bank);
        _network = new(_bank, products);
    }

    /// <summary>The teacher that a recipe asks for on libtorch; null where it is on the engine, or there is none.</summary>
    /// <exception cref="RecipeException">The recipe compares maps, and those of the network and the teacher differ in size.</exception>
    public static TorchTeacher? For(Recipe recipe, ModelFile? model)
    {
        if (recipe.TeacherOn != TeacherOn.Libtorch || model is null) return null;
        EdgeFaceConfig network = recipe.Config, teacher = model.RequireNetwork();
        var alike = network.Dims.SequenceEqual(teacher.Dims) && network.Depths.SequenceEqual(teacher.Depths);
        if (alike || !LossSum.AskForMaps(recipe.Losses)) return new(model, recipe.Products);
        throw new RecipeException($"losses: {LossTerm.Stages.Name} and {LossTerm.Blocks.Name} compare maps of one size, and those of "
            + $"{network.Name} have {string.Join(", ", network.Dims)} channels, "
            + $"those of the teacher {teacher.Name} {string.Join(", ", teacher.Dims)}");
    }

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
