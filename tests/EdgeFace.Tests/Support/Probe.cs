using System.Runtime.InteropServices;
using EdgeFace.App;
using EdgeFace.Kernels;
using EdgeFace.Models;
using EdgeFace.Tests.Models;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Support;

/// <summary>A build of tests/EdgeFace.Probe, run in processes of its own.</summary>
sealed record Probe(string Program, params string[] Before)
{
    /// <summary>The one that the JIT compiles, built with the tests.</summary>
    public static Probe Jit { get; } = new(Path.Combine(
        AppContext.BaseDirectory.Replace("EdgeFace.Tests", "EdgeFace.Probe", StringComparison.Ordinal), "EdgeFace.Probe"));

    static readonly Lazy<byte[][]> Crops = new(() =>
    {
        byte[] noise = new byte[FaceEmbedder.CropBytes], face = new byte[FaceEmbedder.CropBytes];
        new Random(3).NextBytes(noise);
        FaceAligner.Align(ImageCodec.Load(TestData.Sample("adam-1.jpg")),
            new(new(90, 100), new(130, 100), new(110, 125), new(95, 145), new(125, 145)), face);
        return [SelfTest.Pattern(), noise, face];
    });

    static readonly Lazy<float[][]> Scalar = new(() =>
    {
        using var model = DefaultModels.OpenRecogniser();
        using var scalar = new FaceEmbedder(model, default, KernelSet.ByName("scalar"));
        return Embed(scalar);
    });

    static float[][] Embed(FaceEmbedder embedder) => [.. Crops.Value.Select(c =>
    {
        var embedding = new float[EdgeFaceConfig.EmbeddingSize];
        embedder.Embed(c, embedding);
        return embedding;
    })];

    public ProcessRun Run(IEnumerable<string> args, params ReadOnlySpan<(string Name, string Value)> variables)
        => ProcessRun.Of(Program, [.. Before, .. args], variables).Succeeds();

    /// <summary>The kernel set it chose, the instruction sets it may use, and what it says on stderr.</summary>
    public (string Kernels, string[] Features, string Warning) Features(params ReadOnlySpan<(string Name, string Value)> variables)
    {
        var run = Run(["features"], variables);
        var lines = run.Output.Split('\n');
        Assert.StartsWith("kernels ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("features ", lines[1], StringComparison.Ordinal);
        return (lines[0]["kernels ".Length..], lines[1]["features ".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries), run.Error.Trim());
    }

    /// <summary>Asserts that it gives the embeddings that the scalar kernels give in this process.</summary>
    public void AgreesWithScalar(params ReadOnlySpan<(string Name, string Value)> variables)
    {
        var (expected, found) = (Scalar.Value, EmbedCrops(variables));
        for (var i = 0; i < expected.Length; i++)
            ParityTests.NearEmbedding(expected[i], found.AsSpan(i * EdgeFaceConfig.EmbeddingSize, EdgeFaceConfig.EmbeddingSize));
    }

    /// <summary>Asserts that it gives, bit for bit, the embeddings that the given model gives in this process: with the same kernel set.</summary>
    public void AgreesWith(ModelFile model)
    {
        using var embedder = new FaceEmbedder(model, default, KernelSet.ByName(Features().Kernels));
        Assert.Equal(Embed(embedder).SelectMany(e => e), EmbedCrops());
    }

    float[] EmbedCrops(params ReadOnlySpan<(string Name, string Value)> variables)
    {
        using var folder = new TempFolder();
        var run = Run(["embed", .. Crops.Value.Select((c, i) => folder.Write($"{i}.rgb", c))], variables);
        var found = MemoryMarshal.Cast<byte, float>(run.Bytes).ToArray();
        Assert.Equal(Crops.Value.Length * EdgeFaceConfig.EmbeddingSize, found.Length);
        return found;
    }
}
