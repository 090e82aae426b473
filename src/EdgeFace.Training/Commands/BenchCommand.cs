using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using EdgeFace.Models;
using EdgeFace.Training.Data;
using EdgeFace.Training.Network;

namespace EdgeFace.Training.Commands;

/// <summary><c>edgeface-train bench</c>: where the time of a distillation goes on this machine, on one thread; or its loop as a whole, in turn with
/// another program's.</summary>
static class BenchCommand
{
    const string Teacher = "the teacher", Steps = "forward and backward";

    public static Command Create()
    {
        Option<string> recipe = new("--recipe") { Required = true, Description = "A recipe file, or the name of one of ours." };
        Option<string> data = new("--data") { Required = true, Description = "Crops, as distil takes them." };
        Option<string> teacher = new("--teacher") { Required = true, Description = "The teacher's model file." };
        Option<string> cache = new("--cache") { Required = true, Description = "A folder for decoded crops." };
        Option<int> rounds = new("--rounds")
        {
            DefaultValueFactory = _ => 10,
            Description = "How often each part is measured; the parts take turns, and medians are shown.",
        };
        Option<bool> loop = new("--loop")
        {
            Description = "Instead run the loop of distil: read numbers of steps, a line each, and answer each with the seconds that they took.",
        };
        Option<int> threads = new("--threads")
        {
            DefaultValueFactory = _ => Environment.ProcessorCount,
            Description = "Threads that train, with --loop.",
        };
        Option<int> workers = new("--workers")
        {
            DefaultValueFactory = _ => 1,
            Description = "Threads that make views and run the teacher, with --loop.",
        };
        RunCommand.AtLeast(rounds, 1);
        RunCommand.AtLeast(threads, 1);
        RunCommand.AtLeast(workers, 1);
        var command = new Command("bench", "Measure the parts of a distillation on one thread: milliseconds a view.")
        {
            recipe, data, teacher, cache, rounds, loop, threads, workers,
        };
        command.SetAction(p =>
        {
            var read = RunCommand.RecipeOf(p.GetRequiredValue(recipe), labelled: false);
            var (from, by, store) = (p.GetRequiredValue(data), p.GetRequiredValue(teacher), p.GetRequiredValue(cache));
            return p.GetValue(loop) ? Loop(read, from, by, store, p.GetValue(threads), p.GetValue(workers))
                : Run(read, from, by, store, p.GetValue(rounds));
        });
        return command;
    }

    static int Loop(Recipe recipe, string data, string teacherPath, string cache, int threads, int workers)
    {
        using var file = ModelFile.Open(teacherPath);
        using var teacher = new FaceEmbedder(file, new EmbedderOptions { BatchThreads = 1 });
        using var crops = CropStore.Open([data], cache, Console.Error.WriteLine);
        using var bank = new ParameterBank(recipe.Config);
        Start.Fresh(bank, recipe.Seed);
        using var state = new TrainingState(bank, recipe);
        using var trainer = new Trainer(bank, recipe, threads, new(recipe.Losses), head: null);
        var views = new ViewSource(crops, new(recipe.ChangedShare, recipe.Strength, recipe.ReferenceLoader), (ulong)recipe.Seed);
        using var queue = new BatchQueue(views, teacher, null, recipe.Batch, 0, workers);
        queue.Settle();
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line)
        {
            if (!int.TryParse(line, CultureInfo.InvariantCulture, out var steps) || steps < 1)
                throw new RecipeException($"--loop reads numbers of steps, 1 or more, not '{line}'");
            var loss = 0f;
            var took = Timed(() =>
            {
                for (var i = 0; i < steps; i++)
                {
                    var batch = queue.Take();
                    loss = Uncollected.Run((2L + workers) * batch.Views.Length, () =>
                    {
                        var values = trainer.Run(batch);
                        state.Step(recipe);
                        return values[1];
                    });
                }
                // As many batches are made as are used, and what a run collects from time to time is collected.
                queue.Settle();
                Uncollected.Collect();
            });
            Console.WriteLine(FormattableString.Invariant($"{took.TotalSeconds:f6} {loss:f4}"));
        }
        return 0;
    }

    static int Run(Recipe recipe, string data, string teacherPath, string cache, int rounds)
    {
        using var file = ModelFile.Open(teacherPath);
        using var teacher = new FaceEmbedder(file, new EmbedderOptions { BatchThreads = 1 });
        using var crops = CropStore.Open([data], cache, Console.WriteLine);
        using var bank = new ParameterBank(recipe.Config);
        Start.Fresh(bank, recipe.Seed);
        using var state = new TrainingState(bank, recipe);
        using var torchTeacher = TorchTeacher.For(recipe, file);
        using var trainer = new Trainer(bank, recipe, threads: 1, new(recipe.Losses), head: null, torchTeacher);
        var views = new ViewSource(crops, new(recipe.ChangedShare, recipe.Strength, recipe.ReferenceLoader), 1);
        var batch = new Batch(0, new byte[recipe.Batch * FaceEmbedder.CropBytes], new float[recipe.Batch * EdgeFaceConfig.EmbeddingSize], []);
        (string Name, Action Do)[] all =
        [
            ("making views", () =>
            {
                for (var i = 0; i < recipe.Batch; i++) views.Write(i, batch.Views.AsSpan(i * FaceEmbedder.CropBytes, FaceEmbedder.CropBytes));
            }),
            (Teacher, () => teacher.EmbedBatch(batch.Views, recipe.Batch, batch.Teacher)),
            (torchTeacher is null ? Steps : Steps + ", teacher", () => trainer.Run(batch)),
            ("the optimisers", () => state.Step(recipe)),
        ];
        // On libtorch the teacher is part of the step.
        (string Name, Action Do)[] parts = [.. all.Where(p => torchTeacher is null || p.Name != Teacher)];
        var times = parts.Select(_ => new List<double>()).ToArray();
        for (var round = -2; round < rounds; round++)
            for (var i = 0; i < parts.Length; i++)
            {
                var took = Uncollected.Run(batch.Views.Length, () => Timed(parts[i].Do));
                if (round >= 0) times[i].Add(took.TotalMilliseconds / recipe.Batch);
            }
        for (var i = 0; i < parts.Length; i++)
            Console.WriteLine(FormattableString.Invariant($"{parts[i].Name,-29} {Median(times[i]):f2} ms a view"));
        var sum = times.Sum(Median);
        Console.WriteLine(FormattableString.Invariant($"{"all",-29} {sum:f2} ms a view: {1000 / sum:f0} views/s a core"));
        return 0;
    }

    static TimeSpan Timed(Action action)
    {
        var from = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(from);
    }

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
