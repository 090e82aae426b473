using System.CommandLine;
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
        var command = new Command("check-leaks", "Look for people of a test set among training crops. Exit code 1 where some are found.")
        {
            data, test, model, cache, threshold,
        };
        command.SetAction((parsed, stop) => Task.FromResult(Run(parsed.GetRequiredValue(data), parsed.GetRequiredValue(test),
            parsed.GetRequiredValue(model), parsed.GetRequiredValue(cache), parsed.GetValue(threshold), stop)));
        return command;
    }

    static int Run(string[] data, string test, string modelPath, string cache, float threshold, CancellationToken stop)
    {
        using var file = ModelFile.Open(modelPath);
        using var embedder = new FaceEmbedder(file);
        using var training = CropStore.Open(data, cache, Console.Error.WriteLine, stop: stop);
        using var tested = CropStore.Open([test], cache, Console.Error.WriteLine, stop: stop);
        var leaks = LeakCheck.Find(training, tested, embedder, threshold, Console.Error.WriteLine, stop: stop);
        Console.WriteLine(FormattableString.Invariant($"{leaks.Count} of {training.Count} training crops score {threshold} or more ")
            + $"against one of {tested.Count} test crops by {file.Card.Name}");
        foreach (var leak in leaks.Take(Shown))
            Console.WriteLine(FormattableString.Invariant($"  crop {leak.Crop}, test crop {leak.Test}: {leak.Score:f3}"));
        if (leaks.Count > Shown) Console.WriteLine($"  and {leaks.Count - Shown} more");
        return leaks.Count == 0 ? 0 : 1;
    }
}
