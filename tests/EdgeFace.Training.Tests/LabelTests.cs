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
    public void A_cache_made_without_people_gets_them_when_they_are_asked_for()
    {
        using var folder = new CropFolder(people: 3);
        using (folder.Open()) { }
        foreach (var file in Directory.GetFiles(folder.File("cache"), "*.people")) File.Delete(file);
        using var crops = CropStore.Open([folder.Data], folder.File("cache"), _ => { }, true, stop: TestContext.Current.CancellationToken);
        Assert.Equal([0, 0, 1, 1, 2, 2], crops.People);
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
