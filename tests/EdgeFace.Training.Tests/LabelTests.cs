using EdgeFace.Tests.Support;
using EdgeFace.Training.Commands;
using EdgeFace.Training.Data;

namespace EdgeFace.Training.Tests;

/// <summary>Who is on which crop, and which command takes which recipe.</summary>
public sealed class LabelTests
{
    [Fact]
    public void Crops_know_their_people_and_two_sources_have_none_in_common()
    {
        using CropFolder one = new(people: 3), two = new(people: 2);
        one.AddOther();
        for (var round = 0; round < 2; round++)
        {
            using var crops = CropStore.Open(
                [one.Data, two.Data], one.File("cache"), _ => { }, withPeople: true, stop: TestContext.Current.CancellationToken);
            Assert.Equal([0, 0, 1, 1, 2, 2, 3, 3, 4, 4], crops.People);
            Assert.Equal(5, crops.PeopleCount);
        }
    }

    [Fact]
    public void A_cache_that_was_half_made_is_made_anew()
    {
        using var folder = new CropFolder(people: 3);
        using (folder.Open()) { }
        File.Delete(Assert.Single(Directory.GetFiles(folder.File("cache"), "*.origins")));
        Assert.Equal([0, 0, 1, 1, 2, 2], PeopleOf(folder));
        Assert.Single(Directory.GetFiles(folder.File("cache"), "*.crops"));
    }

    [Fact]
    public void A_picture_put_to_another_person_or_changed_is_decoded_anew()
    {
        using var folder = new CropFolder(people: 3);
        Assert.Equal([0, 0, 1, 1, 2, 2], PeopleOf(folder));
        File.Move(Path.Combine(folder.Data, "person-1", "1.png"), Path.Combine(folder.Data, "person-2", "2.png"));
        Assert.Equal([0, 0, 1, 2, 2, 2], PeopleOf(folder));
        // Two pictures change places: as many, as long.
        string first = Path.Combine(folder.Data, "person-0", "0.png"), last = Path.Combine(folder.Data, "person-2", "0.png");
        File.Move(first, first + "x");
        File.Move(last, first);
        File.Move(first + "x", last);
        File.SetLastWriteTimeUtc(last, DateTime.UtcNow.AddSeconds(5));
        var before = Directory.GetFiles(folder.File("cache"), "*.crops");
        Assert.Equal([0, 0, 1, 2, 2, 2], PeopleOf(folder));
        Assert.Equal(before.Length + 1, Directory.GetFiles(folder.File("cache"), "*.crops").Length);
    }

    [Fact]
    public void One_person_alone_is_told_apart_from_nobody()
    {
        using var folder = new CropFolder(people: 1);
        var options = new RunOptions([folder.Data], null, null, [], folder.File("out"), folder.File("cache"), 1, 1, 5, 0);
        var refused = Assert.Throws<TrainingException>(
            () => new TrainingRun(new Recipe { Network = "edgeface_xxs", Head = new() }, options, _ => { }).Dispose());
        Assert.Contains(folder.Data, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("distil")]
    [InlineData("train")]
    public void Crops_that_are_left_out_are_not_shown(string command)
    {
        using var folder = new CropFolder(people: 3);
        FormulaWeights.Write(EdgeFace.Models.EdgeFaceVariants.Xxs, folder.File("teacher.safetensors"));
        var recipe = new Recipe
        {
            Network = "edgeface_xxs", Gamma = 0.2, Views = 8, Batch = 4, Part = 2, Head = command == "train" ? new() : null,
        };
        File.WriteAllText(folder.File("recipe.json"), recipe.ToJson());
        File.WriteAllText(folder.File("out.txt"), "data/person-1/0.png\ndata/person-1/1.png\n");
        File.WriteAllText(folder.File("wrong.txt"), "person-1/0.png\n");
        string[] start = [command, "--recipe", folder.File("recipe.json"), "--data", folder.Data, "--teacher", folder.File("teacher.safetensors"),
            "--out", folder.File("out"), "--threads", "1"];
        Assert.Equal(2, TrainTool.Run([.. start, "--without", folder.File("wrong.txt")]));
        Assert.Equal(2, TrainTool.Run([.. start, "--without", folder.File("none.txt")]));
        Assert.Equal(0, TrainTool.Run([.. start, "--without", folder.File("out.txt")]));
        using (var model = ModelFile.Open(folder.File("out/model.safetensors")))
            Assert.Contains("4 crops of data; without 2 crops", model.Card.Training, StringComparison.Ordinal);
        // Another data set than before.
        Assert.Equal(3, TrainTool.Run(start));
    }

    static IReadOnlyList<int> PeopleOf(CropFolder folder)
    {
        using var crops = CropStore.Open([folder.Data], folder.File("cache"), _ => { }, true, stop: TestContext.Current.CancellationToken);
        return [.. crops.People];
    }

    [Fact]
    public void Views_of_chosen_crops_are_of_those_people_alone()
    {
        using var folder = new CropFolder(people: 4);
        using var crops = CropStore.Open([folder.Data], folder.File("cache"), _ => { }, true, stop: TestContext.Current.CancellationToken);
        var views = new ViewSource(crops, new(0, 0, false), 1, [2, 3, 6]);
        for (var round = 0; round < 5; round++)
            Assert.Equal([2, 3, 6], Enumerable.Range(3 * round, 3).Select(i => views.CropOf(i)).Order());
    }

    [Theory]
    [InlineData("distil", "overfit", "edgeface-train train")]
    [InlineData("train", "smoke", "edgeface-train distil")]
    public void A_recipe_for_the_other_command_is_refused_by_name(string command, string recipe, string instead)
    {
        using var folder = new TempFolder();
        var error = new StringWriter();
        var before = Console.Error;
        Console.SetError(error);
        try
        {
            Assert.Equal(2, TrainTool.Run([command, "--recipe", recipe, "--data", folder.Path, "--teacher", "t.efw", "--out", folder["out"]]));
        }
        finally
        {
            Console.SetError(before);
        }
        Assert.Contains(instead, error.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));
    }
}
