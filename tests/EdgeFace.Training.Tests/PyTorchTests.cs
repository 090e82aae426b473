namespace EdgeFace.Training.Tests;

/// <summary>What is exported as <c>.pt</c> is, to PyTorch, the network it is to the engine.</summary>
public sealed class PyTorchTests(PyTorchRun run) : IClassFixture<PyTorchRun>
{
    public static TheoryData<string> Names => [.. PyTorchRun.Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Embeddings_in_PyTorch_are_those_of_the_engine(string name)
    {
        run.Require();
        float[] theirs = run.OfPyTorch(name), ours = run.OfEngine(name);
        Assert.Equal(ours.Length, theirs.Length);
        var worst = ours.Zip(theirs, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= 1e-4, $"{name}: off by {worst}");
        using var source = run.Source(name);
        Assert.Contains($"{name}: {source.ParameterCount} parameters\n", run.Output, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Names))]
    public void What_PyTorch_saves_again_is_the_same_model(string name)
    {
        run.Require();
        using ModelFile source = run.Source(name), saved = run.SavedByPyTorch(name);
        // Halves are saved again as the floats they are widened to.
        if (name != PyTorchRun.Halves) Assert.Equal(source.WeightsSha256, saved.WeightsSha256);
        Assert.Equal(source.Network, saved.Network);
    }
}
