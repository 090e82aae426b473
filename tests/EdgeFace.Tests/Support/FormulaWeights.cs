using EdgeFace.Models;
using EdgeFace.Weights;

namespace EdgeFace.Tests.Support;

/// <summary>
/// Weights for any network from a formula: element i of the t-th parameter is a 32-bit hash of t and i. Known values without a weight file; the
/// reference tensors in the shared test data were made with them.
/// </summary>
static class FormulaWeights
{
    public static IReadOnlyList<(string Name, int[] Shape, float[] Values)> Of(EdgeFaceConfig config)
        => [.. ParameterManifest.Of(config).Select((p, t) => (p.Name, p.Shape.ToArray(), Values(p.Name, [.. p.Shape], (uint)t)))];

    public static List<Tensor> Tensors(EdgeFaceConfig config) => [.. Of(config).Select(p => new Tensor(p.Name, p.Shape, p.Values))];

    /// <summary>Writes them to path; its extension, <c>.efw</c> or <c>.safetensors</c>, chooses the format.</summary>
    public static void Write(EdgeFaceConfig config, string path)
    {
        if (Path.GetExtension(path) == ".efw") EfwFile.Write(path, Tensors(config), []);
        else SafeTensors.Write(path, Tensors(config), null);
    }

    static float[] Values(string name, int[] shape, uint tensor)
    {
        var values = new float[shape.Aggregate(1, (product, d) => product * d)];
        var bias = name.EndsWith("bias", StringComparison.Ordinal);
        var spread = (float)Math.Sqrt(3.0 * shape[0] / values.Length);
        // xca.temperature is (heads, 1, 1): a factor around one, not a matrix, though its rank says otherwise.
        var matrix = shape.Length >= 2 && name.EndsWith("weight", StringComparison.Ordinal);
        for (var i = 0; i < values.Length; i++)
        {
            var x = unchecked(tensor * 0x9E3779B1 + (uint)i * 0x85EBCA6B + 0x27220A95);
            x ^= x >> 16;
            x = unchecked(x * 0x7FEB352D);
            x ^= x >> 15;
            x = unchecked(x * 0x846CA68B);
            x ^= x >> 16;
            var v = (x >> 8) / (float)(1 << 23) - 1;
            values[i] = bias ? 0.1f * v : matrix ? v * spread : 1 + 0.25f * v;
        }
        return values;
    }
}
