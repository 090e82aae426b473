using EdgeFace.Tests.Support;

namespace EdgeFace.Training.Tests;

/// <summary>Recipes are read whole, and what cannot be carried out is refused by name.</summary>
public sealed class RecipeTests
{
    public static TheoryData<string> Recipes => [.. RepositoryFiles.Ending(".json").Where(f => f.StartsWith("training/recipes/", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Recipes))]
    public void Every_recipe_can_be_read(string file)
    {
        var recipe = Recipe.Read(RepositoryFiles.Full(file));
        Assert.NotEqual("", recipe.About);
        Assert.True(recipe.Config.ParameterCount > 0);
    }

    [Theory]
    [InlineData("""{ "view": 3 }""", "view")]
    [InlineData("""{ "views": 0 }""", "views")]
    [InlineData("""{ "batch": 48 }""", "batch")]
    [InlineData("""{ "network": "edgeface_m" }""", "edgeface_m")]
    [InlineData("""{ "gamma": 1.5 }""", "gamma")]
    [InlineData("""{ "decay": "sudden" }""", "decay")]
    [InlineData("""{ "strength": -1 }""", "strength")]
    [InlineData("""{ "head": { "margin": "sphereFace" } }""", "margin")]
    [InlineData("""{ "head": { "margin": 7 } }""", "margin")]
    [InlineData("""{ "head": { "sampleRate": 0 } }""", "sampleRate")]
    [InlineData("""{ "head": { "size": 1.5 } }""", "size")]
    [InlineData("""{ "head": { "scale": 0 } }""", "scale")]
    [InlineData("""{ "head": { "concentration": -1 } }""", "concentration")]
    [InlineData("""{ "head": { "weight": 0 } }""", "weight")]
    [InlineData("""{ "matrices": "sgd" }""", "matrices")]
    [InlineData("{", "recipe")]
    public void What_cannot_be_carried_out_is_named(string json, string word)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["recipe.json"], json);
        var message = Assert.Throws<RecipeException>(() => Recipe.Read(folder["recipe.json"])).Message;
        Assert.Contains(word, message, StringComparison.Ordinal);
        Assert.Contains("recipe.json", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_recipe_leaves_out_has_its_default()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["recipe.json"], """{ "views": 77 }""");
        Assert.Equal((new Recipe() with { Views = 77 }).ToJson(), Recipe.Read(folder["recipe.json"]).ToJson());
    }

    [Fact]
    public void Rows_behind_the_checkpoint_are_taken_out()
    {
        using var folder = new TempFolder();
        var path = folder["table.csv"];
        File.WriteAllText(path, "views,loss\n10,1\n20,0.5\n30,0.25\n4");
        var table = new RunTable(path, ["views", "loss"], views: 20);
        table.Add(30, null);
        Assert.Equal(["views,loss", "10,1", "20,0.5", "30,"], File.ReadAllLines(path));
    }
}
