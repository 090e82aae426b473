using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using EdgeFace.App;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Builds;

/// <summary>
/// NativeAOT builds of a small program that uses the library, and of the tool. In one class, because two publishes at a time would write
/// the same files.
/// </summary>
public sealed partial class NativeBuildTests(ITestOutputHelper output)
{
    [Fact]
    public void A_build_for_AVX2_gives_the_scalar_embeddings()
    {
        NeedLinux(Architecture.X64);
        Need("gcc");
        if (!Probe.Jit.Features().Features.Contains("AVX2")) Assert.Skip("this processor has no AVX2");
        var probe = Publish("linux-x64", "gcc", "x86-64-v3");
        Assert.Equal("vector256", probe.Features().Kernels);
        probe.AgreesWithScalar();
        Report(probe);
    }

    /// <summary>ILC's default knows 128 bits only, on every processor: slow, so the program must say so, but right.</summary>
    [Fact]
    public void A_build_without_an_instruction_set_works_and_tells_what_is_lost()
    {
        NeedLinux(Architecture.X64);
        Need("gcc");
        var probe = Publish("linux-x64", "gcc", "");
        var (kernels, _, warning) = probe.Features();
        Assert.Equal("vector128", kernels);
        if (Probe.Jit.Features().Kernels != "vector128") Assert.Contains("this program runs vector128", warning, StringComparison.Ordinal);
        probe.AgreesWithScalar();
        Report(probe);
    }

    [Fact]
    public void An_arm64_build_gives_the_scalar_embeddings_of_x64()
    {
        NeedLinux(Architecture.X64);
        foreach (var tool in (string[])["clang", "ld.lld", "aarch64-linux-gnu-gcc", "qemu-aarch64-static"]) Need(tool);
        var built = Publish("linux-arm64", "clang", "");
        var probe = new Probe("qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu", built.Program);
        var (kernels, features, warning) = probe.Features();
        Assert.Equal("vector128", kernels);
        Assert.Contains("NEON", features);
        Assert.Equal("", warning);
        probe.AgreesWithScalar();
        probe.Run(["selftest"]);
        output.WriteLine($"{new FileInfo(built.Program).Length:N0} bytes");
    }

    [Theory]
    [InlineData("max", "DotRows128")]
    [InlineData("cortex-a53", "Rows128")]
    public void An_arm64_build_searches_with_and_without_the_dot_product(string processor, string kernel)
    {
        NeedLinux(Architecture.X64);
        foreach (var tool in (string[])["clang", "ld.lld", "aarch64-linux-gnu-gcc", "qemu-aarch64-static"]) Need(tool);
        var built = Publish("linux-arm64", "clang", "", project: "EdgeFace.ScanProbe");
        var run = ProcessRun.Of("qemu-aarch64-static", ["-cpu", processor, "-L", "/usr/aarch64-linux-gnu", built.Program]).Succeeds();
        Assert.Equal($"vector128 {kernel}\nscalar \n", run.Output);
    }

    /// <summary>The smallest program there is: the default recogniser as int8, no detector, no image codec.</summary>
    [Fact]
    public void A_build_with_an_int8_recogniser_is_small_and_gives_the_embeddings_of_int8()
    {
        NeedLinux(Architecture.X64);
        Need("gcc");
        if (!Probe.Jit.Features().Features.Contains("AVX2")) Assert.Skip("this processor has no AVX2");
        var file = Path.Combine(TestData.Repository, "artifacts", "edgeface-xs-distilled-int8.efw");
        using (var model = DefaultModels.OpenRecogniser()) model.Save(file, WeightPrecision.Int8);
        var probe = Publish("linux-x64", "gcc", "x86-64-v3", file);
        using var stored = ModelFile.Open(file);
        probe.AgreesWith(stored);
        Assert.InRange(new FileInfo(probe.Program).Length, 1, 6_000_000);
        Report(probe);
    }

    [Fact]
    public void The_published_tool_is_complete_and_tells_people_apart()
    {
        NeedLinux(Architecture.X64);
        Need("gcc");
        if (!Probe.Jit.Features().Features.Contains("AVX2")) Assert.Skip("this processor has no AVX2");
        var published = ProcessRun.Of("bash", ["publish.sh"]).Succeeds();
        AssertNoAnalysisWarning(published);
        var folder = Path.Combine(TestData.Repository, "artifacts", "publish", "linux-x64-v3");
        string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(folder, f)).Order(StringComparer.Ordinal)];
        Assert.Equal(["LICENSE", "edgeface", "libSkiaSharp.so", "libe_sqlite3.so", "models/LICENSE.md"], files);
        var tool = Path.Combine(folder, "edgeface");
        ProcessRun.Of(tool, ["info"]).Succeeds();
        var same = ProcessRun.Of(tool, ["compare", TestData.Sample("adam-1.jpg"), TestData.Sample("adam-2.jpg")]).Succeeds();
        Assert.Equal(1, ProcessRun.Of(tool, ["compare", TestData.Sample("adam-1.jpg"), TestData.Sample("bella-1.jpg")]).ExitCode);
        // The plotting library was not analysed by its authors, so that only a run can tell: the report needs no more of it than this.
        using var people = new TempFolder();
        foreach (var photo in (string[])["adam-1", "adam-2", "bella-1", "bella-2"])
        {
            Directory.CreateDirectory(people[$"data/{photo[..^2]}"]);
            File.Copy(TestData.Sample(photo + ".jpg"), people[$"data/{photo[..^2]}/{photo}.jpg"]);
        }
        ProcessRun.Of(tool, ["eval", "identities", people["data"], "--report", people["report.html"]]).Succeeds();
        Assert.Equal(3, File.ReadAllText(people["report.html"]).Split("<svg").Length - 1);
        ProcessRun.Of(tool, ["enroll", Path.Combine(TestData.Repository, "samples", "people.csv"), "--gallery", people["people.db"]]).Succeeds();
        var identified = ProcessRun.Of(tool, ["identify", TestData.Sample("hema-2.jpg"), "--gallery", people["people.db"]]).Succeeds().Output;
        Assert.Contains("Hema", identified, StringComparison.Ordinal);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{new FileInfo(tool).Length:N0} bytes; compare took {same.Time.TotalMilliseconds:f0} ms"));
    }

    Probe Publish(string rid, string linker, string instructionSet, string? recogniser = null, string project = "EdgeFace.Probe")
    {
        // No build server may outlive the command: it would keep the pipes open.
        string[] command = ["publish", $"tests/{project}", "-c", "Release", "-r", rid, "-p:PublishAot=true",
            $"-p:CppCompilerAndLinker={linker}", "--nologo", "--disable-build-servers",
            .. instructionSet.Length > 0 ? [$"-p:IlcInstructionSet={instructionSet}"] : Array.Empty<string>(),
            .. recogniser is not null ? [$"-p:RecogniserFile={recogniser}"] : Array.Empty<string>()];
        var run = ProcessRun.Of("dotnet", command).Succeeds();
        AssertNoAnalysisWarning(run);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"published in {run.Time.TotalSeconds:f1} s"));
        var build = $"aot_{rid}_{instructionSet}{(recogniser is null ? "" : "_own")}";
        return new(Path.Combine(TestData.Repository, "artifacts", "publish", project, build, project));
    }

    static void AssertNoAnalysisWarning(ProcessRun publish)
        => Assert.DoesNotContain((publish.Output + publish.Error).Split('\n'), line => AnalysisWarning().IsMatch(line)
            && !line.Contains("Assembly 'OxyPlot' produced trim warnings", StringComparison.Ordinal));

    [GeneratedRegex(@"\bIL\d{4}\b")]
    private static partial Regex AnalysisWarning();

    void Report(Probe probe)
    {
        using var folder = new TempFolder();
        string[] command = ["embed", folder.Write("pattern.rgb", SelfTest.Pattern())];
        var run = probe.Run(command);
        var time = Enumerable.Range(0, 10).Min(_ => probe.Run(command).Time.TotalMilliseconds);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{new FileInfo(probe.Program).Length:N0} bytes; start to exit after one embedding {time:f0} ms\n{run.Error}"));
    }

    static void NeedLinux(Architecture architecture)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != architecture) Assert.Skip($"runs on Linux, {architecture}");
    }

    static void Need(string tool)
    {
        if (!ProcessRun.IsThere(tool)) Assert.Skip($"'{tool}' is not installed; ./test.sh installs it as root on Debian");
    }
}
