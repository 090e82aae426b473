using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using EdgeFace.App.Output;
using EdgeFace.Kernels;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface info</c>: what runs here, and whether it computes what it should.</summary>
static class InfoCommand
{
    static string Version => typeof(FaceEmbedder).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "?";

    /// <summary>What made a result, for reports.</summary>
    public static string Software => $"edgeface {Version}, {RuntimeInformation.FrameworkDescription}, "
        + $"{RuntimeInformation.ProcessArchitecture}, kernels {KernelSet.Default.Name}";

    public static Command Create(Terminal terminal)
    {
        var json = CommonOptions.Json();
        var command = new Command("info", "Engine, kernels, processor features, default model, and a self-test: exit code 3 if it fails.") { json };
        command.SetAction(parsed => Run(terminal, parsed.GetValue(json)));
        return command;
    }

    static int Run(Terminal terminal, bool json)
    {
        using var model = DefaultModels.OpenRecogniser();
        using var embedder = new FaceEmbedder(model);
        var (passed, cosine) = SelfTest.Run(embedder);
        var runtime = RuntimeInformation.FrameworkDescription
            + (System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeCompiled ? "" : ", NativeAOT");
        if (json)
        {
            JsonOutput.Write(terminal,
                new("edgeface.info.v1", Version, runtime, RuntimeInformation.OSDescription, RuntimeInformation.ProcessArchitecture.ToString(),
                    Environment.ProcessorCount, Processor.Features(), embedder.Kernels,
                    [.. KernelSet.Available.Select(k => new KernelSetJson(k.Name, k.IsAccelerated))],
                    Warning(), ModelsCommand.Describe(model), new(passed, cosine)),
                ToolJson.Default.InfoJson);
        }
        else
        {
            terminal.Out.WriteLine($"edgeface    {Version}");
            terminal.Out.WriteLine($"runtime     {runtime}, {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}");
            terminal.Out.WriteLine($"processor   {Environment.ProcessorCount} logical, {string.Join(' ', Processor.Features())}");
            var sets = KernelSet.Available.Select(k => k.IsAccelerated ? k.Name : $"{k.Name}: not accelerated here");
            terminal.Out.WriteLine($"kernels     {embedder.Kernels} (of {string.Join(", ", sets)}; {KernelSet.Variable} forces one)");
            terminal.Out.WriteLine($"model       {Text.Model(model.Card)}, weights {model.WeightsSha256}");
            terminal.Out.WriteLine(FormattableString.Invariant(
                $"self-test   {(passed ? "passed" : "FAILED")}: cosine {cosine:f7} to the reference embedding"));
        }
        if (Warning() is { } warning) terminal.Error.WriteLine($"edgeface: {warning}");
        if (!passed) throw new InputException(SelfTest.Failure);
        return ExitCode.Done;
    }

    /// <summary>What keeps the kernels slower than the processor allows, or null.</summary>
    static string? Warning()
        => Environment.GetEnvironmentVariable(KernelSet.Variable) is { Length: > 0 } forced
            ? $"{KernelSet.Variable}={forced} forces the kernels."
            : Processor.Warning(KernelSet.Default.Name);
}
