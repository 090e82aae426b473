using System.CommandLine;

namespace EdgeFace.Training.Commands;

/// <summary><c>edgeface-train page</c>: the curves of a run that still goes on, or was made before.</summary>
static class PageCommand
{
    public static Command Create()
    {
        Argument<string> run = new("run") { Description = "The --out folder of a run." };
        var command = new Command("page", "Write the tables of a run as one page with curves.") { run };
        command.SetAction(p =>
        {
            var folder = p.GetRequiredValue(run);
            if (!File.Exists(Path.Combine(folder, TrainingRun.TrainingTable)))
                throw new RecipeException($"{folder}: no run lies there: {TrainingRun.TrainingTable} is missing");
            Console.WriteLine(TrainingRun.WritePage(folder, Path.GetFileName(Path.GetFullPath(folder).TrimEnd('/')), ""));
            return 0;
        });
        return command;
    }
}
