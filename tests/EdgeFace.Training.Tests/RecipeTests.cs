using EdgeFace.Tests.Support;

namespace EdgeFace.Training.Tests;

/// <summary>Recipes are read whole, and what cannot be carried out is refused by name.</summary>
public sealed class RecipeTests
{
    public static TheoryData<string> Recipes
        => [.. RepositoryFiles.Ending(".json").Where(f => f.StartsWith("training/recipes/", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Recipes))]
    public void Every_recipe_can_be_read(string file)
    {
        var recipe = Recipe.Read(RepositoryFiles.Full(file));
        Assert.NotEqual("", recipe.About);
        // That it names a network was checked; a recogniser's has dimensions.
        if (recipe.Detection is null) Assert.True(recipe.Config.ParameterCount > 0);
    }

    [Theory]
    [InlineData("""{ "view": 3 }""", "view")]
    [InlineData("""{ "views": 0 }""", "views")]
    [InlineData("""{ "batch": 48 }""", "batch")]
    [InlineData("""{ "network": "edgeface_m" }""", "edgeface_m")]
    [InlineData("""{ "gamma": 1.5 }""", "gamma")]
    [InlineData("""{ "decay": "sudden" }""", "decay is one of linear, cosine, polynomial")]
    [InlineData("""{ "decay": 7 }""", "decay is one of linear, cosine, polynomial")]
    [InlineData("""{ "decay": null }""", "decay is one of")]
    [InlineData("""{ "batch": 32768 }""", "batch")]
    [InlineData("""{ "network": null }""", "network")]
    [InlineData("""{ "losses": null }""", "losses")]
    [InlineData("""{ "losses": { "cosin": 1 } }""", "'cosin' is unknown; there are cosine, similarity")]
    [InlineData("""{ "losses": { "cosine": -1 } }""", "cosine is not negative")]
    [InlineData("""{ "losses": { "cosine": 0 } }""", "nothing to learn")]
    [InlineData("""{ "losses": { "cosine": -1 }, "head": { } }""", "cosine is not negative")]
    [InlineData("""{ "strength": -1 }""", "strength")]
    [InlineData("""{ "head": { "margin": "sphereFace" } }""", "head.margin is one of cosFace, arcFace, adaFace")]
    [InlineData("""{ "head": { "margin": 7 } }""", "head.margin is one of cosFace, arcFace, adaFace")]
    [InlineData("""{ "head": { "sampleRate": 0 } }""", "sampleRate")]
    [InlineData("""{ "head": { "size": 1.5 } }""", "size")]
    [InlineData("""{ "head": { "scale": 0 } }""", "scale")]
    [InlineData("""{ "head": { "concentration": -1 } }""", "concentration")]
    [InlineData("""{ "head": { "weight": 0 } }""", "weight")]
    [InlineData("""{ "matrices": "sgd" }""", "matrices is one of muon, adamW")]
    [InlineData("""{ "matrices": -1 }""", "matrices is one of muon, adamW")]
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
    public void A_head_without_a_teacher_needs_no_losses()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["recipe.json"], """{ "losses": { }, "head": { } }""");
        Assert.Empty(Recipe.Read(folder["recipe.json"]).Losses);
    }
}
