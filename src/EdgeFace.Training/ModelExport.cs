using System.Text;
using EdgeFace.Training.Network;
using EdgeFace.Weights;

namespace EdgeFace.Training;

/// <summary>Weights of a network in training as a model file.</summary>
static class ModelExport
{
    /// <summary>Writes values laid out as a bank; the extension, <c>.efw</c>, <c>.pt</c> or <c>.safetensors</c>, chooses the format. The file appears
    /// whole or not at all.</summary>
    public static void Write(string path, ParameterBank bank, TorchSharp.torch.Tensor values, ModelCard card)
    {
        var tensors = Start.Tensors(bank, values);
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".efw": EfwFile.Write(path, tensors, Encoding.UTF8.GetBytes(card.ToJson())); break;
            case ".pt": PyTorchWriter.Write(path, tensors, KeyRemap.Prefix); break;
            default: SafeTensors.Write(path, tensors, new Dictionary<string, string> { ["card"] = card.ToJson() }); break;
        }
    }
}
