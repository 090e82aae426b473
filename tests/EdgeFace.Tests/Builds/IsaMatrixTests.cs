using EdgeFace.Kernels;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Builds;

/// <summary>The same program where instruction sets are switched off: it chooses narrower kernels and gives the same embeddings.</summary>
public sealed class IsaMatrixTests(ITestOutputHelper output)
{
    static readonly string[] Avx512 = ["AVX512F", "AVX512BW", "AVX512VBMI"];
    static readonly string[] Avx2 = [.. Avx512, "AVX2", "FMA", "AVXVNNI"];
    static readonly string[] All = [.. Avx2, "SSE4.2", "AVX", "NEON", "DOTPROD"];

    static readonly Lazy<(string Kernels, string[] Features, string Warning)> Unrestricted = new(() => Probe.Jit.Features());

    public static IEnumerable<TheoryDataRow<string, string[], string>> Switches() =>
    [
        new("DOTNET_EnableAVX512", Avx512, "vector256"),
        new("DOTNET_EnableAVX2", Avx2, "vector128"),
        new("DOTNET_EnableHWIntrinsic", All, "scalar"),
        // No instruction set, but code that was compiled once and for all before it ran.
        new("DOTNET_TieredCompilation", [], "vector512"),
    ];

    [Fact]
    public void Without_a_switch_the_widest_kernels_run_and_agree_with_the_scalar_ones()
    {
        // Compares the kernels chosen with what the processor states of itself.
        Assert.Equal("", Unrestricted.Value.Warning);
        output.WriteLine($"{Unrestricted.Value.Kernels}: {string.Join(' ', Unrestricted.Value.Features)}");
        Probe.Jit.AgreesWithScalar();
    }

    [Theory, MemberData(nameof(Switches))]
    public void With_a_switch_off_narrower_kernels_run_and_agree_with_the_scalar_ones(string variable, string[] off, string widest)
    {
        string[] missing = [.. off.Except(Unrestricted.Value.Features)];
        if (missing.Length > 0) output.WriteLine($"this machine never had {string.Join(' ', missing)}");
        var (kernels, features, warning) = Probe.Jit.Features((variable, "0"));
        Assert.Empty(features.Intersect(off));
        var expected = Width(widest) < Width(Unrestricted.Value.Kernels) ? Unrestricted.Value.Kernels : widest;
        Assert.Equal(expected, kernels);
        if (OperatingSystem.IsLinux() && expected != Unrestricted.Value.Kernels)
            Assert.Contains($"this program runs {expected}", warning, StringComparison.Ordinal);
        Probe.Jit.AgreesWithScalar((variable, "0"));
    }

    /// <summary>Place among the kernel sets, widest first.</summary>
    static int Width(string kernels) => KernelSet.Available.Select(k => k.Name).ToList().IndexOf(kernels);
}
