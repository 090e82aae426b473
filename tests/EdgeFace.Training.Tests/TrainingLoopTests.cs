using EdgeFace.Tests.Support;
using EdgeFace.Training.Network;

namespace EdgeFace.Training.Tests;

public sealed class TrainingLoopTests
{
    [Fact]
    public void Who_stops_a_run_loses_no_step_of_the_table()
    {
        using var folder = new TempFolder();
        using var stop = new CancellationTokenSource();
        var recipe = new Recipe { Network = "edgeface_xxs", Gamma = 0.2, Views = 80, Batch = 8, Part = 4 };
        using var bank = new ParameterBank(recipe.Config);
        using var state = new TrainingState(bank, recipe);
        var table = new RunTable(folder["t.csv"], ["views", "steps", "seconds", "rate", "loss", "viewsPerSecond"], null);
        var options = new RunOptions([], null, null, [], folder.Path, folder.Path, 1, 1, 5, 0);
        new TrainingLoop(recipe, options, state, ["loss"], table, _ => { }).Run(Step, () => true, () => { }, 80, stop.Token);
        string[][] rows = [.. File.ReadAllLines(folder["t.csv"]).Skip(1).Select(r => r.Split(','))];
        // The mean of 1, 2 and 3.
        Assert.Equal(("24", "3", "2"), (Assert.Single(rows)[0], rows[0][1], rows[0][4]));

        float[] Step()
        {
            state.Step(recipe);
            if (state.Steps == 3) stop.Cancel();
            return [state.Steps];
        }
    }
}
