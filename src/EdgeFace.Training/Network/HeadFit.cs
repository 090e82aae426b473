using EdgeFace.Models;
using EdgeFace.Training.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Network;

/// <summary>
/// The head of a network, fitted by least squares to the embeddings that a teacher gives for the same crops: the best linear layer over the
/// features as they are and, where the head is LoRaLin, the best of its rank (reduced-rank regression).
/// </summary>
sealed class HeadFit : IDisposable
{
    // Of the mean square of a feature, which the norm before the head makes about one.
    const double Ridge = 1e-5;
    const string Layer = "head.fc";

    readonly ParameterBank _bank;
    readonly Tensor _squares, _products;
    long _count;

    public HeadFit(ParameterBank bank)
    {
        _bank = bank;
        long features = bank.Config.Dims[^1];
        _squares = zeros(features + 1, features + 1, dtype: ScalarType.Float64).DetachFromDisposeScope();
        _products = zeros(features + 1, EdgeFaceConfig.EmbeddingSize, dtype: ScalarType.Float64).DetachFromDisposeScope();
    }

    /// <summary>Takes in what the head gets for the crops of a batch, and what the teacher makes of them.</summary>
    public void Add(EdgeFaceModule network, Batch batch)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        int images = batch.Views.Length / FaceEmbedder.CropBytes, side = FaceEmbedder.CropSize;
        Add(network.Features(tensor(batch.Views, [images, side, side, 3]), null), tensor(batch.Teacher, [images, EdgeFaceConfig.EmbeddingSize]));
    }

    /// <summary>Takes in what the head gets for some crops, (images, channels), and the teacher's embeddings of them, (images, 512).</summary>
    public void Add(Tensor features, Tensor teacher)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var x = nn.functional.pad(features.to(ScalarType.Float64), [0, 1], value: 1);
        _squares.add_(x.t().mm(x));
        _products.add_(x.t().mm(teacher.to(ScalarType.Float64)));
        _count += features.shape[0];
    }

    /// <summary>Sets the head's parameters.</summary>
    public void Apply()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var features = _squares.shape[0] - 1;
        Tensor inputs = _squares.narrow(0, features, 1).narrow(1, 0, features) / _count, outputs = _products.narrow(0, features, 1) / _count;
        // About the means, so that the bias is free.
        var spread = _squares.narrow(0, 0, features).narrow(1, 0, features) / _count - inputs.t().mm(inputs);
        var together = _products.narrow(0, 0, features) / _count - inputs.t().mm(outputs);
        var weight = linalg.solve(spread + eye(features, dtype: ScalarType.Float64) * Ridge, together);
        if (_bank.Has(Layer + ".weight")) Set(Layer + ".weight", weight.t());
        else
        {
            var rank = _bank.Info(Layer + ".linear1.weight").Shape[0];
            // The directions in which the fitted answers differ most.
            var (_, directions) = linalg.eigh(weight.t().mm(spread).mm(weight));
            var most = directions.narrow(1, EdgeFaceConfig.EmbeddingSize - rank, rank);
            Set(Layer + ".linear1.weight", weight.mm(most).t());
            Set(Layer + ".linear2.weight", most);
            weight = weight.mm(most).mm(most.t());
        }
        Set(_bank.Has(Layer + ".bias") ? Layer + ".bias" : Layer + ".linear2.bias", (outputs - inputs.mm(weight)).squeeze(0));

        void Set(string name, Tensor values) => _bank.Part(_bank.Values, name).copy_(values);
    }

    public void Dispose()
    {
        _squares.Dispose();
        _products.Dispose();
    }
}
