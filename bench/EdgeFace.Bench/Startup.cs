using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EdgeFace.Bench;

/// <summary>
/// A small program from its start to its exit after the first embedding, by ours and by ONNX Runtime: default model, aligned crop in, both
/// built with NativeAOT.
/// </summary>
static class Startup
{
    const int StartsInPairs = 41, StartsForMemory = 5;
    const double Megabyte = 1e6;

    public static int Run(bool write)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            throw new InvalidOperationException("startup builds and runs linux-x64 programs");
        var folder = Directory.CreateTempSubdirectory("edgeface-bench").FullName;
        try
        {
            string crop = Path.Combine(folder, "crop.rgb"), onnx = Path.Combine(folder, "model.onnx");
            File.WriteAllBytes(crop, BenchData.Crops(1));
            using (var model = DefaultModels.OpenRecogniser()) model.Save(onnx);
            string[] ours = [Publish("tests/EdgeFace.Probe"), "embed", crop], theirs = [Publish("bench/EdgeFace.OnnxProbe"), onnx, crop];
            BenchData.RequireAlike("the default model", Embedding(ours), Embedding(theirs), 0.9999);
            var times = Pairs.Measure(() => Output(ours), () => Output(theirs), StartsInPairs, 1);
            double ourPeak = Peak(ours), theirPeak = Peak(theirs),
                ourSize = Size(ours[0]), theirSize = Size(theirs[0]) + new FileInfo(onnx).Length / Megabyte;
            var report = new Report("startup");
            report.Line("| default model, linux-x64, NativeAOT | ours | ONNX Runtime | ratio | quartiles |");
            report.Line("|---|---|---|---|---|");
            report.Line($"| start to exit after the first embedding | {times.Ours:F1} ms | {times.Theirs:F1} ms "
                + $"| {times.Ratio:F2} | {times.Lower:F2} to {times.Upper:F2} |");
            report.Line($"| peak memory | {ourPeak:F1} MB | {theirPeak:F1} MB | {theirPeak / ourPeak:F2} | |");
            report.Line($"| program, native library and model on the disk | {ourSize:F1} MB | {theirSize:F1} MB | {theirSize / ourSize:F2} | |");
            report.Line("");
            report.Line($"{StartsInPairs} starts of each in turn; memory is the median of {StartsForMemory} starts. "
                + $"Our program holds the detector's networks too. Load of the machine at the end: {Report.Load}.");
            if (write) report.Write();
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Builds a program for the processor at hand and says where it is.</summary>
    static string Publish(string project)
    {
        var level = System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? "x86-64-v4" : "x86-64-v3";
        var info = new ProcessStartInfo("dotnet",
        [
            "publish", project, "-c", "Release", "-r", "linux-x64", "-p:PublishAot=true", "-p:CppCompilerAndLinker=gcc",
            $"-p:IlcInstructionSet={level}", "--nologo", "--disable-build-servers", "-v", "quiet",
        ])
        {
            WorkingDirectory = BenchData.Repository, RedirectStandardOutput = true,
        };
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{project} cannot be published: {output}");
        var name = Path.GetFileName(project);
        return Path.Combine(BenchData.Repository, "artifacts", "publish", name, $"aot_linux-x64_{level}", name);
    }

    static byte[] Output(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        return process.ExitCode == 0 ? output.ToArray() : throw new InvalidOperationException($"'{command[0]}' ended with {process.ExitCode}");
    }

    static float[] Embedding(string[] command) => MemoryMarshal.Cast<byte, float>(Output(command)).ToArray();

    static double Peak(string[] command) => Pairs.Quantile(Enumerable.Range(0, StartsForMemory).Select(_ => Start.Peak(command)), 0.5);

    /// <summary>The program and the libraries of this system beside it.</summary>
    static double Size(string program)
        => Directory.GetFiles(Path.GetDirectoryName(program)!, "*.so").Append(program).Sum(f => new FileInfo(f).Length) / Megabyte;
}
