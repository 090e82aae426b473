using System.Diagnostics;
using System.Globalization;

namespace EdgeFace.Bench;

/// <summary>The loop of <c>edgeface-train distil</c> against the same loop in PyTorch (<c>bench/pytorch/distil.py</c>), each in a process of its
/// own that does its steps when it is told to, on the same cores.</summary>
static class Distillation
{
    const int Threads = 2, Batch = 64;
    const string Narrow = "--bfloat16";

    public static int Run(bool write, bool quick)
    {
        var (pairs, steps) = quick ? (5, 1) : (15, 4);
        var folder = Directory.CreateTempSubdirectory("edgeface-bench").FullName;
        try
        {
            string python = Printed("tests/pytorch.sh"), runner = Printed("tests/libtorch.sh"), teacher = Path.Combine(folder, "teacher.pt");
            Printed("dotnet", "build", "src/EdgeFace.Training", "-c", "Release", "-v", "quiet", "--nologo");
            using (var model = ModelFile.Open(BenchData.Shared("models/edgeface_xs_q.pt"))) model.Save(teacher);
            var data = Path.GetDirectoryName(BenchData.Shared("lfw/pairs.csv"))!;

            var report = new Report("distil");
            report.Line($"PyTorch {Printed(python, "-c", "import torch; print(torch.__version__)")}. Views a second of two threads, batch {Batch}, "
                + "edgeface_xs_gamma_06 from edgeface_xs_q, teacher included.");
            report.Line("");
            report.Line("| products | ours | PyTorch | ratio | quartiles | quiet |");
            report.Line("|---|---|---|---|---|---|");
            foreach (var bfloat16 in new[] { true, false })
            {
                var recipe = Path.Combine(folder, "recipe.json");
                File.WriteAllText(recipe, $$"""
                    {
                      "about": "A benchmark.", "network": "edgeface_xs_gamma_06", "views": 1000000, "batch": {{Batch}}, "part": 32,
                      "bfloat16": {{(bfloat16 ? "true" : "false")}}, "muonRate": 2e-4, "adamRate": 1e-4, "clip": 10, "averageViews": 50000
                    }
                    """);
                var program = Path.Combine(BenchData.Repository, "artifacts", "bin", "EdgeFace.Training", "release", "edgeface-train.dll");
                using var ours = new Stepper(runner, program, "bench", "--loop", "--recipe", recipe, "--data", data,
                    "--teacher", teacher, "--cache", folder, "--threads", $"{Threads}");
                var crops = Directory.GetFiles(folder, "*.crops").Single();
                string[] loop =
                    ["bench/pytorch/distil.py", "--teacher", teacher, "--crops", crops, "--batch", $"{Batch}", "--threads", $"{Threads}"];
                if (bfloat16) loop = [.. loop, Narrow];
                var best = Best(loop, python, quick);
                using var theirs = new Stepper(python, best);
                var result = Pairs.Measure(() => ours.Run(steps), () => theirs.Run(steps), pairs, 1);
                double perSecond = 1000.0 * steps * Batch;
                var how = best.Length == loop.Length ? "" : $" ({string.Join(' ', best[loop.Length..])})";
                report.Line($"| {(bfloat16 ? "bfloat16" : "float32")} | {perSecond / result.Ours:F1} | {perSecond / result.Theirs:F1}{how} "
                    + $"| {result.Ratio:F2} | {result.Lower:F2} to {result.Upper:F2} | {result.Quiet:F2} |");
            }
            report.Line("");
            report.Line($"{pairs} blocks of {steps} steps of each in turn; the ratio is the median over neighbouring blocks, the last column that "
                + "of the fastest tenths. Ours also makes the recipe's changes of views, PyTorch's only mirrors them.");
            report.Line("PyTorch's is the fastest of its layouts of memory and sizes of a pass. "
                + $"Load of the machine at the end: {Report.Load}.");
            if (write) report.Write();
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The fastest way to run PyTorch's loop here, by blocks in turn.</summary>
    static string[] Best(string[] loop, string python, bool quick)
    {
        string[][] ways = [loop, [.. loop, "--part", "32"], [.. loop, "--channels-last"], [.. loop, "--channels-last", "--part", "32"]];
        Stepper[] steppers = [.. ways.Select(w => new Stepper(python, w))];
        try
        {
            var times = ways.Select(_ => new List<double>()).ToArray();
            for (var round = -1; round < (quick ? 1 : 5); round++)
                for (var i = 0; i < ways.Length; i++)
                {
                    var took = Pairs.Block(() => steppers[i].Run(1), 1).Wall;
                    if (round >= 0) times[i].Add(took);
                }
            return ways[Enumerable.Range(0, ways.Length).MinBy(i => Pairs.Quantile(times[i], 0.25))];
        }
        finally
        {
            foreach (var stepper in steppers) stepper.Dispose();
        }
    }

    static string Printed(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program(program), arguments) { WorkingDirectory = BenchData.Repository, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"'{program}' ended with {process.ExitCode}: {output}");
        return output;
    }

    static string Program(string program)
        => program.StartsWith("tests/", StringComparison.Ordinal) ? Path.Combine(BenchData.Repository, program) : program;

    /// <summary>A program that reads numbers of steps and says how long each took.</summary>
    sealed class Stepper : IDisposable
    {
        readonly Process _process;

        public Stepper(string program, params string[] arguments)
        {
            // As many cores as threads: the thread that makes our views would be one more.
            var start = new ProcessStartInfo("taskset", ["-c", $"0-{Threads - 1}", program, .. arguments])
            {
                WorkingDirectory = BenchData.Repository, RedirectStandardInput = true, RedirectStandardOutput = true,
            };
            // A thread that waits at full load would take the other program's turn.
            start.Environment["OMP_WAIT_POLICY"] = "passive";
            _process = Process.Start(start)!;
            try
            {
                if (Read() != "ready") throw new InvalidOperationException($"'{arguments[0]}' does not say that it is ready");
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public void Run(int steps)
        {
            _process.StandardInput.WriteLine(steps.ToString(CultureInfo.InvariantCulture));
            Read();
        }

        string Read() => _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException("the program that is measured ended; it says why above");

        public void Dispose()
        {
            // At the end of its input it ends.
            _process.StandardInput.Close();
            if (!_process.WaitForExit(TimeSpan.FromSeconds(30))) _process.Kill();
            _process.Dispose();
        }
    }
}
