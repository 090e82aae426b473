using System.CommandLine;
using System.Runtime.InteropServices;

namespace EdgeFace.Training.Commands;

/// <summary><c>edgeface-train distil</c>: train a network to give a teacher's embeddings.</summary>
static class DistilCommand
{
    public static Command Create()
    {
        Option<string> recipe = new("--recipe") { Required = true, Description = "A recipe file, or the name of one of ours: smoke, default-recogniser." };
        Option<string[]> data = new("--data") { Required = true, Description = "Crops of 112 x 112: RecordIO (.rec), a folder with a folder for each person, or a list. Several times for several sources." };
        Option<string> teacher = new("--teacher") { Required = true, Description = "The model whose embeddings are learnt." };
        Option<string?> start = new("--start") { Description = "A model of the same dimensions to start from; without, a fresh start." };
        Option<string?> validation = new("--validation") { Description = "A folder of crops with pairs.csv, of people who are not in the data." };
        Option<string> output = new("--out") { Required = true, Description = "The folder of checkpoint, model and tables. A run whose checkpoint lies there goes on." };
        Option<string?> cache = new("--cache") { Description = "A folder for decoded crops, 37 KB each; by default one in --out." };
        Option<int> threads = new("--threads") { DefaultValueFactory = _ => Environment.ProcessorCount, Description = "Threads that train." };
        Option<int> workers = new("--workers") { DefaultValueFactory = _ => 1, Description = "Threads that make views and run the teacher." };
        Option<double> save = new("--save-minutes") { DefaultValueFactory = _ => 5, Description = "Minutes between checkpoints." };
        Option<long> validate = new("--validate-views") { DefaultValueFactory = _ => 20_000, Description = "Views between validations." };
        Option<long?> stopAfter = new("--stop-after") { Description = "End this session once so many views are seen in all." };
        AtLeast(threads, 1);
        AtLeast(workers, 1);
        AtLeast(validate, 0);
        var command = new Command("distil", "Train a network to give a teacher's embeddings. Ctrl-C saves; the same command goes on.")
        {
            recipe, data, teacher, start, validation, output, cache, threads, workers, save, validate, stopAfter,
        };
        command.SetAction(p => Run(Recipe.Read(FileOf(p.GetRequiredValue(recipe))), new RunOptions(p.GetRequiredValue(data), p.GetRequiredValue(teacher), p.GetValue(start),
            p.GetValue(validation), p.GetRequiredValue(output), p.GetValue(cache) ?? Path.Combine(p.GetRequiredValue(output), "cache"), p.GetValue(threads), p.GetValue(workers),
            p.GetValue(save), p.GetValue(validate), p.GetValue(stopAfter))));
        return command;
    }

    static int Run(Recipe recipe, RunOptions options)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var distillation = new Distillation(recipe, options, Console.WriteLine);
        return TrainTool.CodeOf(distillation.Run(stop.Token));

        // The first saves, a second one ends the process.
        void Stop(PosixSignalContext context)
        {
            context.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
    }

    /// <summary>A file, or a recipe that lies beside the program.</summary>
    public static string FileOf(string recipe)
    {
        var ours = Path.Combine(AppContext.BaseDirectory, "recipes", recipe + ".json");
        if (File.Exists(recipe) || !File.Exists(ours)) return recipe;
        return ours;
    }

    static void AtLeast<T>(Option<T> option, T least) where T : struct, IComparable<T>
        => option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.GetValueOrDefault<T>().CompareTo(least) < 0) result.AddError($"{option.Name} is {least} or more, not '{result.Tokens[0].Value}'.");
        });
}
