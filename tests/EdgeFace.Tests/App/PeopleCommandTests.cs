using System.Text.Json;
using EdgeFace.Tests.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.App;

/// <summary>Who is who: what the commands tell where that is in doubt, and that what they advise works.</summary>
[Collection(nameof(EnvironmentVariable))]
public sealed class PeopleCommandTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Gallery => _folder["people.db"];

    static string Photo(string person, int number) => TestData.Sample($"{person}-{number}.jpg");

    ToolRun Enrol(string photo, string name, params string[] more) => ToolRun.Of(["enroll", photo, "--gallery", Gallery, "--name", name, .. more]);

    ToolRun Of(string command, params string[] more) => ToolRun.Of(["gallery", command, "--gallery", Gallery, .. more]);

    JsonElement[] People() => [.. Of("list", "--json").Succeeds().Json.GetProperty("persons").EnumerateArray()];

    static string[] Kinds(ToolRun run) => [.. run.Json.GetProperty("warnings").EnumerateArray().Select(w => w.GetProperty("kind").GetString()!)];

    [Fact]
    public void Names_in_any_form_are_one_person()
    {
        Enrol(Photo("adam", 1), "Zoe\u0308 Lee").Succeeds();
        Enrol(Photo("adam", 2), "Zo\u00eb  Lee ").Succeeds();
        Assert.Equal(2, Assert.Single(People()).GetProperty("samples").GetInt32());
        Of("delete", "--name", " Zoe\u0308 Lee").Succeeds();
        Assert.Empty(People());
    }

    [Fact]
    public void Image_under_two_names_is_told_refused_and_never_identified_without_a_word()
    {
        Enrol(Photo("adam", 1), "Adam", "--strict").Succeeds();
        var refused = Enrol(Photo("adam", 1), "Bella", "--strict");
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("sample 1 of Adam (1) already", refused.Error, StringComparison.Ordinal);
        Assert.Single(People());
        var told = Enrol(Photo("adam", 1), "Bella");
        Assert.Equal(0, told.ExitCode);
        Assert.Contains("enrolled for Bella (2), but it is the same image as sample 1 of Adam (1)", told.Error, StringComparison.Ordinal);
        var face = ToolRun.Of("identify", Photo("adam", 2), "--gallery", Gallery, "--json").Succeeds(1).Json.GetProperty("faces")[0];
        Assert.Equal(("unknown", 2),
            (face.GetProperty("decision").GetString(), face.GetProperty("rival").GetProperty("person").GetProperty("id").GetInt32()));
        Assert.Contains("Adam (1) and Bella (2) score the same", face.GetProperty("note").GetString(), StringComparison.Ordinal);
        Assert.Contains("it cannot be told which", ToolRun.Of("identify", Photo("adam", 1), "--gallery", Gallery).Succeeds(1).Output,
            StringComparison.Ordinal);
        // The advice: the wrong sample goes.
        Of("delete", "--sample", "2").Succeeds();
        Assert.Contains("Adam (1)", ToolRun.Of("identify", Photo("adam", 2), "--gallery", Gallery).Succeeds().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Sample_of_somebody_else_is_told_as_unlike()
    {
        Enrol(Photo("adam", 1), "Adam").Succeeds();
        Enrol(Photo("bella", 1), "Bella").Succeeds();
        var run = Enrol(Photo("bella", 2), "Adam", "--json");
        Assert.Equal(["unlike"], Kinds(run));
        var warning = run.Json.GetProperty("warnings")[0];
        Assert.True(warning.GetProperty("score").GetDouble() < 0.246);
        Assert.Equal("Bella", warning.GetProperty("other").GetProperty("name").GetString());
        Assert.Contains("unlike that person's other samples", warning.GetProperty("message").GetString(), StringComparison.Ordinal);
        Of("delete", "--sample", warning.GetProperty("sampleId").GetRawText()).Succeeds();
        Assert.Equal(1, People()[0].GetProperty("samples").GetInt32());
    }

    [Fact]
    public void Key_with_another_name_is_told_or_refused_in_lists_too()
    {
        File.WriteAllText(_folder["list.csv"], $"name,image,key\nAdam,{Photo("adam", 1)},k\nBella,{Photo("bella", 1)},k\n");
        var told = ToolRun.Of("enroll", _folder["list.csv"], "--gallery", Gallery, "--json");
        Assert.Equal(["other-name", "unlike"], Kinds(told).Order());
        Assert.Equal("Adam", Assert.Single(People()).GetProperty("name").GetString());
        // The advice: if it is another person, the sample goes, and a key of its own comes.
        Of("delete", "--sample", "2").Succeeds();
        var refused = ToolRun.Of("enroll", _folder["list.csv"], "--gallery", Gallery, "--strict");
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("'k' belongs to Adam (1), not to 'Bella'", refused.Error, StringComparison.Ordinal);
        // Also where the person has the very picture.
        Assert.Contains("'k' belongs to Adam (1), not to 'Zed'", Enrol(Photo("adam", 1), "Zed", "--key", "k", "--strict").Error,
            StringComparison.Ordinal);
        Enrol(Photo("bella", 1), "Bella", "--key", "other").Succeeds();
        // If it is a new name.
        Of("rename", "--id", "1", "--to", "Adam Smith").Succeeds();
        Enrol(Photo("adam", 2), "Adam Smith", "--key", "k", "--strict").Succeeds();
    }

    [Fact]
    public void Two_people_of_one_name_can_be_told_apart_as_advised()
    {
        Enrol(Photo("adam", 1), "Adam").Succeeds();
        Enrol(Photo("bella", 1), "Bella").Succeeds();
        var renamed = Of("rename", "--name", "Bella", "--to", " Adam ");
        Assert.Equal(0, renamed.ExitCode);
        Assert.Contains("2 people are named 'Adam' now (1, 2)", renamed.Error, StringComparison.Ordinal);
        Of("show", "--name", "Adam").Fails(3, "2 people are named 'Adam'", "1, 2", "--id");
        Of("show", "--id", "2").Succeeds();
        var refused = Enrol(Photo("bella", 2), "Adam");
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("2 people are named 'Adam' (1, 2): say which with --id N, or with --key", refused.Error, StringComparison.Ordinal);
        Of("edit", "--id", "2", "--set-key", "b").Succeeds();
        Enrol(Photo("bella", 2), "Adam", "--key", "b").Succeeds();
        Assert.Equal([1, 2], People().Select(p => p.GetProperty("samples").GetInt32()));
        // Without the advice's first half a third person comes, and is told of with a way back.
        var third = Enrol(Photo("adam", 2), "Adam", "--key", "a", "--json");
        Assert.Contains("namesake", Kinds(third));
        Of("delete", "--id", "3").Succeeds();
        Of("edit", "--id", "1", "--set-key", "a").Succeeds();
        Enrol(Photo("adam", 2), "Adam", "--key", "a").Succeeds();
        Assert.Equal([2, 2], People().Select(p => p.GetProperty("samples").GetInt32()));
    }

    [Fact]
    public void Edit_sets_and_clears_what_it_is_told_and_nothing_else()
    {
        Enrol(Photo("adam", 1), "Adam").Succeeds();
        Of("edit", "--id", "1").Fails(2, "--set-key");
        Of("edit", "--id", "1", "--set-key", "a", "--clear-key").Fails(2, "exclude each other");
        Of("edit", "--id", "1", "--set-metadata", "{}", "--clear-metadata").Fails(2, "exclude each other");
        Of("edit", "--id", "1", "--set-metadata", GalleryValues.Nested(62)).Fails(3, "32 deep");
        Of("edit", "--id", "1", "--set-key", "a", "--set-metadata", """{"room":12}""").Succeeds();
        var person = Of("edit", "--key", "a", "--set-name", "Adam Smith", "--json").Succeeds().Json.GetProperty("person");
        Assert.Equal(("Adam Smith", "a", 12), (person.GetProperty("name").GetString(), person.GetProperty("externalKey").GetString(),
            person.GetProperty("metadata").GetProperty("room").GetInt32()));
        Assert.Contains("no key, no metadata", Of("edit", "--id", "1", "--clear-key", "--clear-metadata").Succeeds().Output,
            StringComparison.Ordinal);
        Enrol(Photo("bella", 1), "Bella", "--key", "b").Succeeds();
        Of("edit", "--id", "1", "--set-key", "b").Fails(3, "belongs to person 2");
    }

    [Fact]
    public void Nothing_is_created_before_there_is_something_to_put_in()
    {
        File.WriteAllText(_folder["no.jpg"], "no picture");
        File.WriteAllText(_folder["list.csv"], $"name,image\nAdam,no.jpg\n{new string('x', 201)},{Photo("adam", 1)}\n");
        var none = ToolRun.Of("enroll", _folder["list.csv"], "--gallery", Gallery, "--json");
        Assert.Equal(3, none.ExitCode);
        Assert.Equal((false, JsonValueKind.Null, 2), (none.Json.GetProperty("galleryCreated").GetBoolean(),
            none.Json.GetProperty("gallery").ValueKind, none.Json.GetProperty("errors").GetArrayLength()));
        Enrol(_folder["no.jpg"], "Adam");
        Directory.CreateDirectory(_folder["empty"]);
        ToolRun.Of("gallery", "import", _folder["empty"], "--gallery", Gallery).Fails(3, "no export");
        Enrol(Photo("adam", 1), "Adam", "--mirror-sum").Succeeds();
        Of("export", _folder["out"]).Succeeds();
        ToolRun.Of("gallery", "import", _folder["out"], "--gallery", _folder["other.db"]).Fails(3, "mirror-sum");
        Assert.Equal(["list.csv", "no.jpg", "people.db"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var imported = ToolRun.Of("gallery", "import", _folder["out"], "--gallery", _folder["other.db"], "--mirror-sum").Succeeds().Output;
        Assert.Contains("created", imported, StringComparison.Ordinal);
    }

    [Fact]
    public void Crop_that_does_not_decode_is_refused_by_import()
    {
        Enrol(Photo("adam", 1), "Adam", "--keep-crops").Succeeds();
        Enrol(Photo("bella", 1), "Bella", "--keep-crops").Succeeds();
        Of("export", _folder["out"]).Succeeds();
        File.WriteAllBytes(_folder["out/crops/1.png"], [.. KnownPeople.CropHeader, .. new byte[100]]);
        var run = ToolRun.Of("gallery", "import", _folder["out"], "--gallery", _folder["other.db"], "--json");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("1.png", run.Error, StringComparison.Ordinal);
        Assert.Equal((1, 1), (run.Json.GetProperty("persons").GetInt32(), run.Json.GetProperty("crops").GetInt32()));
    }
}
