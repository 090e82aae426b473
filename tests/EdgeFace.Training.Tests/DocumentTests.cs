using System.Globalization;
using System.Text.Json;
using EdgeFace.Tests.Support;
using EdgeFace.Training.Commands;
using EdgeFace.Training.Losses;

namespace EdgeFace.Training.Tests;

/// <summary>docs/training.md says what the program does: its fields and their defaults, parts of losses, recipes, sizes.</summary>
public sealed class DocumentTests
{
    const string Document = "docs/training.md";

    [Theory]
    [InlineData("field", "", new[] { "about", "detection" })]
    [InlineData("head's field", "head", new string[0])]
    [InlineData("field of detection", "detection", new string[0])]
    public void Fields_of_recipes_are_those_of_the_tables_with_their_defaults(string header, string of, string[] elsewhere)
    {
        var recipe = JsonSerializer.SerializeToElement(new Recipe { Head = new(), Detection = new() }, RecipeJson.Default.Recipe);
        var fields = (of.Length == 0 ? recipe : recipe.GetProperty(of)).EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        var rows = Markdown.Table(Document, header);
        Assert.Equal(fields.Keys.Except(elsewhere).Order(), rows.SelectMany(r => r[0].Split(", ")).Order());
        foreach (var row in rows)
        {
            string[] names = row[0].Split(", "), values = row[1].Split(", ");
            // Of some only the first has a value of its own, and parts of losses have weights.
            if (names is ["head"] || names.Length != values.Length) continue;
            foreach (var (name, value) in names.Zip(values))
                Assert.True(IsDefault(fields[name], value), $"{name}: {value}, in truth {fields[name]}");
        }
    }

    static bool IsDefault(JsonElement field, string said) => field.ValueKind switch
    {
        JsonValueKind.Null => said == "none",
        JsonValueKind.Number => double.Parse(said, CultureInfo.InvariantCulture) == field.GetDouble(),
        _ => string.Equals(said, field.ToString(), StringComparison.OrdinalIgnoreCase),
    };

    [Fact]
    public void Parts_of_losses_are_those_of_the_table()
        => Assert.Equal(LossTerm.All.Select(t => t.Name), Markdown.Table(Document, "part").Select(r => r[0]));

    [Fact]
    public void Sizes_are_those_of_the_table()
        => Assert.Equal(SizesCommand.Rows(), Markdown.Table(Document, "dims").Select(r => $"| {string.Join(" | ", r)} |"));

    [Fact]
    public void Every_recipe_is_named_and_every_name_is_one()
    {
        string[] recipes = [.. RepositoryFiles.Ending(".json").Where(f => f.StartsWith("training/recipes/", StringComparison.Ordinal))
            .Select(f => Path.GetFileNameWithoutExtension(f))];
        var named = Markdown.Code(RepositoryFiles.Read(Document)).ToHashSet();
        Assert.All(recipes, r => Assert.Contains(r, named));
        string[] started = [.. RepositoryFiles.Read(Document).Split("--recipe ").Skip(1).Select(t => t.Split(' ', '`', '\n')[0])];
        Assert.All(started.Where(s => s.Length > 1 && char.IsLower(s[0])), s => Assert.Contains(s, recipes));
    }
}
