using System.CommandLine;
using System.Text;
using EdgeFace.Files;
using EdgeFace.Training.Data;

namespace EdgeFace.Training.Commands;

/// <summary><c>edgeface-train check-leaks</c>: is anybody of a test set in the training data?</summary>
static class CheckLeaksCommand
{
    const int Shown = 20;

    public static Command Create()
    {
        Option<string[]> data = new("--data") { Required = true, Description = "Training crops, as distil takes them." };
        Option<string> test = new("--test") { Required = true, Description = "Crops of the test set, of the same kinds." };
        Option<string> model = new("--model") { Required = true, Description = "The model that compares, usually the teacher." };
        Option<string> cache = new("--cache") { Required = true, Description = "A folder for decoded crops." };
        Option<float> threshold = new("--threshold") { DefaultValueFactory = _ => 0.72f, Description = "The least score that counts as alike." };
        Option<string?> write = new("--write")
        {
            Description = "Writes the names of the crops found, and of all others of the same people, for --without of distil and train.",
            HelpName = "FILE",
        };
        const string About = "Look for people of a test set among training crops, by score and by name. Exit code 1 where some are found.";
        var command = new Command("check-leaks", About)
        {
            data, test, model, cache, threshold, write,
        };
        command.SetAction((parsed, stop) => Task.FromResult(Run(parsed.GetRequiredValue(data), parsed.GetRequiredValue(test),
            parsed.GetRequiredValue(model), parsed.GetRequiredValue(cache), parsed.GetValue(threshold), parsed.GetValue(write), stop)));
        return command;
    }

    static int Run(string[] data, string test, string modelPath, string cache, float threshold, string? write, CancellationToken stop)
    {
        using var file = ModelFile.Open(modelPath);
        using var embedder = new FaceEmbedder(file);
        using var training = CropStore.Open(data, cache, Console.Error.WriteLine, withNames: true, stop: stop);
        using var tested = CropStore.Open([test], cache, Console.Error.WriteLine, withNames: true, stop: stop);
        var leaks = LeakCheck.Find(training, tested, embedder, threshold, Console.Error.WriteLine, stop: stop);
        Console.WriteLine(FormattableString.Invariant($"{leaks.Count} of {training.Count} training crops score {threshold} or more ")
            + $"against one of {tested.Count} test crops by {file.Card.Name}");
        Show([.. leaks.Select(l => FormattableString.Invariant($"{training.Names[l.Crop].Name}, {tested.Names[l.Test].Name}: {l.Score:f3}"))]);
        var names = LeakCheck.SharedNames(training, tested);
        Console.WriteLine(FormattableString.Invariant($"{names.Count} people of the training crops are called as people of the test crops"));
        Show([.. names.Select(n => FormattableString.Invariant($"{n.Name}: {n.Crops} training crops"))]);
        if (write is not null)
        {
            var crops = LeakCheck.ToLeaveOut(training, leaks, names);
            AtomicFile.Write(write, stream => stream.Write(Encoding.UTF8.GetBytes(string.Concat(crops.Select(c => c + "\n")))));
            Console.WriteLine($"{write}: {crops.Count} crops, with all others of the same people");
        }
        return leaks.Count == 0 && names.Count == 0 ? 0 : 1;
    }

    static void Show(IReadOnlyList<string> lines)
    {
        foreach (var line in lines.Take(Shown)) Console.WriteLine($"  {line}");
        if (lines.Count > Shown) Console.WriteLine($"  and {lines.Count - Shown} more");
    }
}
