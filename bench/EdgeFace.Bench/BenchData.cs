using EdgeFace.Models;
using EdgeFace.Weights;

namespace EdgeFace.Bench;

/// <summary>
/// What the benchmarks run on: the networks with the weights of a formula (an ONNX export of the same exists), and two real crops.
/// </summary>
static class BenchData
{
    public static readonly EdgeFaceConfig[] Networks = [EdgeFaceVariants.Xxs, EdgeFaceVariants.XsGamma06];

    public static string Repository { get; } = FindRepository();

    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static string Shared(string relative)
    {
        var root = Environment.GetEnvironmentVariable("EDGEFACE_TEST_DATA") ?? Path.GetFullPath(Path.Combine(Repository, "..", "shared"));
        var path = Path.Combine(root, relative);
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException($"needs '{relative}' in ../shared or $EDGEFACE_TEST_DATA (looked at {path})");
    }

    /// <summary>The network with the same weights as PyTorch exports it.</summary>
    public static string Onnx(EdgeFaceConfig network) => Shared($"onnx/{network.Name}.formula.onnx");

    /// <summary>count crops of 112 x 112 RGB bytes: two faces in turn.</summary>
    public static byte[] Crops(int count)
    {
        using var goldens = SafeTensors.Read(Shared("goldens/formula.safetensors"));
        if (!goldens.TryGet("input", out var tensor)) throw new InvalidDataException("no tensor 'input'");
        var faces = tensor.ToFloats();
        const int pixels = EdgeFaceConfig.CropSize * EdgeFaceConfig.CropSize;
        var crops = new byte[count * 3 * pixels];
        for (var i = 0; i < crops.Length; i++)
        {
            int image = i / (3 * pixels) % 2, pixel = i / 3 % pixels, colour = i % 3;
            crops[i] = (byte)MathF.Round((faces[(image * 3 + colour) * pixels + pixel] + 1) * 127.5f);
        }
        return crops;
    }

    /// <summary>The crops as ONNX Runtime takes them: N x 3 x 112 x 112 floats.</summary>
    public static float[] Planes(byte[] crops)
    {
        const int pixels = EdgeFaceConfig.CropSize * EdgeFaceConfig.CropSize;
        var planes = new float[crops.Length];
        for (var i = 0; i < crops.Length; i++)
            planes[i / (3 * pixels) * 3 * pixels + i % 3 * pixels + i / 3 % pixels] = crops[i] / 127.5f - 1;
        return planes;
    }

    /// <exception cref="InvalidOperationException">Two embeddings of one crop have a lesser cosine.</exception>
    public static void RequireAlike(string network, float[] a, float[] b, double least)
    {
        if (a.Length != b.Length) throw new InvalidOperationException($"{network}: {a.Length} values against {b.Length}");
        for (var i = 0; i < a.Length; i += EdgeFaceConfig.EmbeddingSize)
            if (Cosine(a.AsSpan(i, EdgeFaceConfig.EmbeddingSize), b.AsSpan(i, EdgeFaceConfig.EmbeddingSize)) is var cosine && !(cosine > least))
                throw new InvalidOperationException(
                    $"{network}: the two embeddings of crop {i / EdgeFaceConfig.EmbeddingSize} differ, cosine {cosine:F6}");
    }

    static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double dot = 0, aa = 0, bb = 0;
        for (var i = 0; i < a.Length; i++)
        {
            dot += (double)a[i] * b[i];
            aa += (double)a[i] * a[i];
            bb += (double)b[i] * b[i];
        }
        return dot / Math.Sqrt(aa * bb);
    }

    public static ModelFile Model(EdgeFaceConfig network)
    {
        var path = Path.Combine(Path.GetTempPath(), $"edgeface-bench-{Environment.ProcessId}.safetensors");
        SaveModel(network, path);
        var model = ModelFile.Open(path);
        // The mapping keeps the content.
        File.Delete(path);
        return model;
    }

    public static void SaveModel(EdgeFaceConfig network, string path)
        => SafeTensors.Write(path,
            [.. ParameterManifest.Of(network).Select((p, t) => new Tensor(p.Name, [.. p.Shape], Formula(p, (uint)t)))],
            new Dictionary<string, string>());

    public static Func<string, float[]> Parameters(EdgeFaceConfig network)
    {
        var manifest = ParameterManifest.Of(network);
        var index = manifest.Select((p, t) => (p.Name, t)).ToDictionary(p => p.Name, p => p.t);
        return name => Formula(manifest[index[name]], (uint)index[name]);
    }

    /// <summary>Values of tensor t: hashed indices in [-1, 1), scaled so that activations keep their size from layer to layer.</summary>
    static float[] Formula(ParameterInfo parameter, uint t)
    {
        var values = new float[parameter.Count];
        var fan = parameter.Shape.Skip(1).Aggregate(1, (product, d) => product * d);
        for (var i = 0; i < values.Length; i++)
        {
            var x = t * 0x9E3779B1 + (uint)i * 0x85EBCA6B + 0x27220A95;
            x ^= x >> 16;
            x *= 0x7FEB352D;
            x ^= x >> 15;
            x *= 0x846CA68B;
            x ^= x >> 16;
            var v = (x >> 8) * (1.0 / (1 << 24)) * 2 - 1;
            values[i] = (float)(parameter.Name.EndsWith(".bias", StringComparison.Ordinal) ? 0.1 * v
                : parameter.Shape.Count >= 2 && !parameter.Name.EndsWith("temperature", StringComparison.Ordinal) ? v * Math.Sqrt(3.0 / fan)
                : 1 + 0.25 * v);
        }
        return values;
    }

    static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "EdgeFace.slnx"))) return folder.FullName;
        throw new FileNotFoundException("no EdgeFace.slnx above " + AppContext.BaseDirectory + ": run from a build inside the repository");
    }
}
