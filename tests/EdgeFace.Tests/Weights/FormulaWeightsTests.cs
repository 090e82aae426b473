using System.Runtime.InteropServices;
using EdgeFace.Models;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Weights;

public sealed class FormulaWeightsTests
{
    [Fact]
    public void The_formula_gives_the_checkpoint_of_the_reference_bit_for_bit()
    {
        using var checkpoint = ModelFile.Open(TestData.Shared("models/formula_xs_gamma_06.pt"));
        var formula = FormulaWeights.Of(EdgeFaceVariants.XsGamma06);
        Assert.Equal(formula.Select(p => p.Name), checkpoint.Parameters.Select(p => p.Name));
        foreach (var (name, shape, values) in formula)
            Assert.True(MemoryMarshal.AsBytes(values.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(checkpoint.Read(name, shape).AsSpan())), name);
    }
}
