using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Training.Commands;
using EdgeFace.Training.Heads;
using EdgeFace.Training.Optimisers;
using EdgeFace.Weights;

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
    [InlineData("""{ "losses": { "cosin": 1 } }""", "'cosin' is unknown; there are cosine, similarity, stages, blocks")]
    [InlineData("""{ "losses": { "stages": 1 } }""", "teacherOn")]
    [InlineData("""{ "losses": { "blocks": 1 }, "teacherOn": "engine" }""", "teacherOn")]
    [InlineData("""{ "teacherOn": "paper" }""", "teacherOn is one of engine, libtorch")]
    [InlineData("""{ "teacherOn": 7 }""", "teacherOn is one of engine, libtorch")]
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
    [InlineData("""{ "head": { "adaDistill": true, "fromTeacher": true } }""", "head.fromTeacher")]
    [InlineData("""{ "besideShare": 1 }""", "besideShare lies in [0, 1)")]
    [InlineData("""{ "guard": { "accuracyLoss": -1 } }""", "guard.accuracyLoss")]
    [InlineData("""{ "guard": { "fnmrRise": 2 } }""", "guard.fnmrRise")]
    [InlineData("""{ "guard": { "leastAgreement": 1.5 } }""", "guard.leastAgreement")]
    [InlineData("""{ "guard": { "agreement": 0.9 } }""", "agreement")]
    [InlineData("""{ "matrices": "sgd" }""", "matrices is one of muon, adamW")]
    [InlineData("""{ "matrices": -1 }""", "matrices is one of muon, adamW")]
    [InlineData("""{ "clip": 1e999 }""", "clip")]
    [InlineData("""{ "averageViews": -1 }""", "averageViews")]
    [InlineData("""{ "losses": { "cosine": 1e999 } }""", "cosine")]
    [InlineData("{", "recipe")]
    public void What_cannot_be_carried_out_is_named(string json, string word)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["recipe.json"], json);
        var message = Assert.Throws<RecipeException>(() => Recipe.Read(folder["recipe.json"])).Message;
        Assert.Contains(word, message, StringComparison.Ordinal);
        Assert.Contains("recipe.json", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 8, "edgeface_xxs", 8)]
    [InlineData(1, -8, "edgeface_xxs", 8)]
    [InlineData(1, 8, "edgeface_m", 8)]
    [InlineData(1, 8, "edgeface_xxs", 0)]
    public void A_checkpoint_that_says_what_cannot_be_is_refused(long steps, long views, string network, int batch)
    {
        using var folder = new TempFolder();
        var facts = new CheckpointFacts(steps, views, 1, "data", new() { Network = network, Batch = batch, Part = 4 });
        var said = System.Text.Json.JsonSerializer.Serialize(facts, RecipeJson.Default.CheckpointFacts);
        SafeTensors.Write(folder["checkpoint.safetensors"], [new("weights", [1], [0f])],
            new Dictionary<string, string> { [CheckpointFacts.Key] = said });
        using (var file = SafeTensors.Read(folder["checkpoint.safetensors"]))
            Assert.Contains("checkpoint.safetensors", Assert.Throws<ModelFormatException>(() => CheckpointFacts.Of(file)).Message,
                StringComparison.Ordinal);
        Assert.Equal(3, TrainTool.Run(["export", folder["checkpoint.safetensors"], folder["out.efw"]]));
    }

    [Fact]
    public void The_papers_recipe_is_that_of_its_training_section()
    {
        const long Crops = 4_000_000, Batch = 4 * 512;
        Recipe first = Recipe.Read(RepositoryFiles.Full("training/recipes/webface.json")),
            second = Recipe.Read(RepositoryFiles.Full("training/recipes/webface-restart.json"));
        Assert.Equal((100 * Crops, Batch, MatrixOptimiser.AdamW, 3e-3, 0.05),
            (first.Views, first.Batch, first.Matrices, first.AdamRate, first.WeightDecay));
        Assert.Equal((5, 0, false, 0, true), (first.Clip, first.AverageViews, first.Bfloat16, first.ChangedShare, first.ReferenceLoader));
        Assert.Equal(new HeadRecipe { Margin = Margin.CosFace, Size = 0.4, Scale = 64, SampleRate = 0.3 }, first.Head);
        Assert.Equal(EdgeFaceVariants.XsGamma06, first.Config);
        // Up over two rounds, then straight down to nothing at the end.
        Assert.Equal(0.5, first.Schedule.At(Crops), 1e-6);
        Assert.Equal(1, first.Schedule.At(2 * Crops), 1e-6);
        Assert.Equal(0.5, first.Schedule.At(51 * Crops), 1e-6);
        Assert.Equal(0, first.Schedule.At(100 * Crops), 1e-6);
        // Then on at 1e-5, in the same run.
        Assert.All([100 * Crops, 105 * Crops, second.Views - Batch], v => Assert.Equal(1e-5, second.AdamRate * second.Schedule.At(v), 1e-9));
        Assert.Equal((first with { About = "", Views = 0, AdamRate = 0, WarmUp = 0, Hold = 0, Losses = second.Losses }).ToJson(),
            (second with { About = "", Views = 0, AdamRate = 0, WarmUp = 0, Hold = 0 }).ToJson());
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
