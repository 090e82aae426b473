using System.CommandLine;
using System.Runtime.InteropServices;
using EdgeFace.Training.Detection;

namespace EdgeFace.Training.Commands;

/// <summary><c>edgeface-train distil</c> and <c>edgeface-train train</c>: one loop, with a teacher, with people to tell apart, or with
/// both.</summary>
static class RunCommand
{
    /// <summary>What every run does when it is interrupted.</summary>
    public const string GoesOn = " Ctrl-C saves; the same command goes on.";

    /// <summary>Learns a teacher's embeddings.</summary>
    public static Command Distil() => Create("distil", "Train a network to give a teacher's embeddings." + GoesOn, labelled: false);

    /// <summary>Learns to tell people apart.</summary>
    public static Command Train() => Create("train", "Train a network to tell labelled people apart." + GoesOn, labelled: true);

    static Command Create(string name, string about, bool labelled)
    {
        Option<string> recipe = new("--recipe")
        {
            Required = true,
            Description = "A recipe file, or the name of one of ours: "
                + (labelled ? "webface, webface-restart, fine-tune, overfit." : "smoke, default-recogniser."),
        };
        Option<string[]> data = new("--data")
        {
            Required = true,
            Description = "Crops of 112 x 112: RecordIO (.rec), a folder with a folder for each person, or a list. May be given several times.",
        };
        Option<string?> teacher = new("--teacher")
        {
            Required = !labelled,
            Description = "The model whose embeddings are learnt" + (labelled ? " beside." : "."),
        };
        Option<string[]> beside = new("--beside")
        {
            Description = "More crops, of whom nobody asks who they are: only the teacher's losses see them. May be given several times.",
        };
        var card = Card();
        Option<string?> without = new("--without")
        {
            Description = "A file with names of crops that are not shown, a line each, as check-leaks --write makes it.",
            HelpName = "FILE",
        };
        Option<int?> people = new("--people") { Description = "Only the crops of the first so many people." };
        Option<string?> start = new("--start") { Description = "A model of the same dimensions to start from; without, a fresh start." };
        Option<string[]> validation = new("--validation")
        {
            Description = "Crops of people who are not in the data: a folder with pairs.csv, a list of pairs beside them, or an InsightFace "
                + ".bin file. May be given several times, with NAME= before the path to name its columns.",
        };
        var session = new SessionOptions("A folder for decoded crops, 37 KB each; by default one in --out.");
        Option<long?> fitHead = new("--fit-head")
        {
            Description = "Before training fit the last layer by least squares to the teacher's embeddings of so many views, 1000 or more.",
        };
        AtLeast(fitHead, 1000);
        AtLeast(people, 2);
        var command = new Command(name, about) { recipe, data, without, teacher, start, validation, card };
        session.AddTo(command);
        command.Add(labelled ? people : fitHead);
        if (labelled) command.Add(beside);
        command.SetAction(p =>
        {
            string[] sources = p.GetRequiredValue(data), more = labelled ? p.GetValue(beside) ?? [] : [];
            var stated = p.GetValue(card) is { } file ? TrainedCard.Read(file, [.. sources, .. more]) : null;
            var chosen = RecipeOf(p.GetRequiredValue(recipe), labelled);
            var options = session.Of(p, sources, p.GetValue(teacher), p.GetValue(start), p.GetValue(validation) ?? []) with
            {
                People = labelled ? p.GetValue(people) : null, FitHead = labelled ? null : p.GetValue(fitHead), Beside = more, Stated = stated,
                Without = p.GetValue(without),
            };
            return UntilStopped(stop =>
            {
                using var run = new TrainingRun(chosen, options, Console.WriteLine, stop);
                return run.Run(stop);
            });
        });
        return command;
    }

    /// <summary>What a user states of the model.</summary>
    public static Option<string?> Card() => new("--card")
    {
        Description = "A JSON file with what you state of the model for its card: name, sources, licence, limits (docs/training.md).",
        HelpName = "FILE",
    };

    /// <summary>A recipe, by file or name, that has a head, or none.</summary>
    public static Recipe RecipeOf(string name, bool labelled)
    {
        var recipe = Recipe.Read(FileOf(name));
        if (recipe.Detection is not null) throw OfAnother(name, recipe);
        if ((recipe.Head is not null) == labelled) return recipe;
        throw new RecipeException(labelled
            ? $"{name}: says nothing of a head, which tells people apart; 'edgeface-train distil' runs it"
            : $"{name}: has a head, which tells people apart; 'edgeface-train train' runs it");
    }

    /// <summary>A recipe, by file or name, of one of the detector's networks.</summary>
    public static Recipe RecipeOf(string name, string network)
    {
        var recipe = Recipe.Read(FileOf(name));
        return recipe.Network == network && recipe.Detection is not null ? recipe : throw OfAnother(name, recipe);
    }

    static RecipeException OfAnother(string name, Recipe recipe)
    {
        var command = recipe.Detection is not null ? recipe.Network == DetectorLayers.Detector ? "detector" : "refiner"
            : recipe.Head is null ? "distil" : "train";
        return new($"{name}: is for {recipe.Network}; 'edgeface-train {command}' runs it");
    }

    /// <summary>Runs until the end, Ctrl-C or SIGTERM, and gives the exit code.</summary>
    /// <param name="run">Gives whether the end was reached.</param>
    public static int UntilStopped(Func<CancellationToken, bool> run)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        // Where --stop-after ends a session, it did what it was told.
        return TrainTool.CodeOf(run(stop.Token) || !stop.IsCancellationRequested);

        // The first saves, a second one ends the process.
        void Stop(PosixSignalContext context)
        {
            context.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
    }

    /// <summary>A file, or a recipe that lies beside the program.</summary>
    static string FileOf(string recipe)
    {
        var ours = Path.Combine(AppContext.BaseDirectory, "recipes", recipe + ".json");
        if (File.Exists(recipe) || !File.Exists(ours)) return recipe;
        return ours;
    }

    /// <summary>Refuses values under the least.</summary>
    public static void AtLeast<T>(Option<T> option, long least)
        => option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && result.GetValueOrDefault<T>() is IConvertible value && value.ToInt64(null) < least)
                result.AddError($"{option.Name} is {least} or more, not '{token.Value}'.");
        });
}
