using System.Runtime.InteropServices;
using EdgeFace.App;
using EdgeFace.Kernels;
using EdgeFace.Models;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.App;

public sealed class SelfTestTests
{
    /// <summary>models/release.sh writes them.</summary>
    [Fact]
    public void The_embedded_values_are_the_scalar_references()
    {
        using var model = DefaultModels.OpenRecogniser();
        using var scalar = new FaceEmbedder(model, default, KernelSet.ByName("scalar"));
        var vector = new float[EdgeFaceConfig.EmbeddingSize];
        scalar.Embed(SelfTest.Pattern(), vector);
        var path = Path.Combine(TestData.Repository, "src", "EdgeFace.People", "Resources", SelfTest.Resource);
        var stored = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path));
        for (var i = 0; i < vector.Length; i++) Assert.Equal(vector[i], stored[i], 1e-5f);
    }

    [Fact]
    public void Every_kernel_set_passes_and_other_weights_fail()
    {
        using var model = DefaultModels.OpenRecogniser();
        foreach (var set in KernelSet.Available)
        {
            using var embedder = new FaceEmbedder(model, default, set);
            Assert.True(SelfTest.Run(embedder).Passed, set.Name);
        }
        using var folder = new TempFolder();
        FormulaWeights.Write(model.Network!, folder["other.efw"]);
        using var other = ModelFile.Open(folder["other.efw"]);
        using var wrong = new FaceEmbedder(other);
        Assert.False(SelfTest.Run(wrong).Passed);
    }
}
