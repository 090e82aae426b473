using System.Globalization;
using System.Text.Json;
using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.App;

[Collection(nameof(EnvironmentVariable))]
public sealed class GalleryCommandTests : IDisposable
{
    static readonly string[] Names = ["Adam", "Bella", "Chidi", "Dalia", "Eiji", "Fumiko", "Gopal", "Hema", "Igor", "Julia", "Karl", "Lesedi"];

    // Seen in the picture: the upper row from left to right, then the lower one.
    static readonly string[] InGroup = ["Adam", "Dalia", "Eiji", "Hema", "Igor", "Fumiko", "Chidi", "Karl"];

    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Gallery => _folder["people.db"];

    static string Photo(string person, int number) => TestData.Sample($"{person.ToLowerInvariant()}-{number}.jpg");

    JsonElement EnrolAll(params string[] more)
        => ToolRun.Of(["enroll", TestData.Sample("people.csv"), "--gallery", Gallery, "--json", .. more]).Succeeds().Json;

    ToolRun Of(string command, params string[] more) => ToolRun.Of(["gallery", command, "--gallery", Gallery, .. more]);

    static string? NameOf(JsonElement face) => face.GetProperty("person") is { ValueKind: JsonValueKind.Object } person
        ? person.GetProperty("name").GetString() : null;

    [Fact]
    public void The_twelve_people_are_enrolled_and_the_eight_of_the_group_photo_are_named()
    {
        var enrolled = EnrolAll();
        Assert.Equal((12, 12, 0), (enrolled.GetProperty("enrolled").GetInt32(), enrolled.GetProperty("peopleAdded").GetInt32(),
            enrolled.GetProperty("alreadyThere").GetInt32()));
        Assert.Empty(enrolled.GetProperty("resemblances").EnumerateArray());
        var group = ToolRun.Of("identify", TestData.Sample("group.jpg"), "--gallery", Gallery, "--draw", _folder["out.png"], "--json")
            .Succeeds().Json;
        Assert.Equal("edgeface.identify.v2", group.GetProperty("schema").GetString());
        var faces = group.GetProperty("faces").EnumerateArray().Select(f => (Name: NameOf(f), Box: f.GetProperty("face").GetProperty("box")))
            .Select(f => (f.Name, X: f.Box.GetProperty("left").GetDouble(), Y: f.Box.GetProperty("top").GetDouble())).ToArray();
        Assert.Equal(InGroup, faces.Where(f => f.Y < 270).OrderBy(f => f.X)
            .Concat(faces.Where(f => f.Y >= 270).OrderBy(f => f.X)).Select(f => f.Name));
        // 1 - (1 - 1e-4)^12
        Assert.Equal(0.0011993, group.GetProperty("expectedFpir").GetDouble(), 1e-6);
        Assert.Equal((960, 540), (ImageCodec.Load(_folder["out.png"]).Width, ImageCodec.Load(_folder["out.png"]).Height));
        foreach (var name in Names)
        {
            var json = ToolRun.Of("identify", Photo(name, 2), "--gallery", Gallery, "--json").Succeeds().Json;
            var face = Assert.Single(json.GetProperty("faces").EnumerateArray());
            Assert.Equal(name, NameOf(face));
            Assert.True(face.GetProperty("margin").GetDouble() > 0.1);
        }
    }

    [Fact]
    public void Somebody_who_is_not_enrolled_is_unknown()
    {
        EnrolAll();
        Assert.StartsWith("deleted: 1 person, 1 sample, 0 crops", Of("delete", "--name", "Adam").Succeeds().Output, StringComparison.Ordinal);
        var json = ToolRun.Of("identify", Photo("Adam", 2), "--gallery", Gallery, "--json").Succeeds(1).Json;
        var face = Assert.Single(json.GetProperty("faces").EnumerateArray());
        Assert.Equal(("unknown", null), (face.GetProperty("decision").GetString(), NameOf(face)));
        Assert.True(face.GetProperty("candidates")[0].GetProperty("score").GetDouble() < 0.35);
        Assert.Contains("unknown", ToolRun.Of("identify", Photo("Adam", 2), "--gallery", Gallery).Succeeds(1).Output);
        var group = ToolRun.Of("identify", TestData.Sample("group.jpg"), "--gallery", Gallery, "--json").Succeeds().Json;
        Assert.Equal([null, .. InGroup.Skip(1).Order()], group.GetProperty("faces").EnumerateArray().Select(NameOf).Order());
        Of("delete", "--name", "Adam").Fails(3, "Adam");
    }

    [Fact]
    public void Several_people_are_deleted_at_once_or_nobody()
    {
        EnrolAll();
        Of("delete", "--id", "1", "--name", "nobody").Fails(3, "nobody");
        Of("rename", "--id", "1", "--id", "2", "--to", "x").Fails(2, "which person");
        Assert.StartsWith("deleted: 3 people, 3 samples", Of("delete", "--id", "1", "--id", "2", "--id", "2", "--id", "3").Succeeds().Output,
            StringComparison.Ordinal);
        Of("show", "--id", "2").Fails(3, "no person 2");
        Of("check").Succeeds();
    }

    [Fact]
    public void What_is_enrolled_already_is_passed_over_and_what_cannot_be_used_is_told()
    {
        File.Copy(Photo("Adam", 1), _folder["adam.jpg"]);
        File.WriteAllText(_folder["list.csv"], "name,image,key,metadata\nAdam,adam.jpg,a-1,\"{\"\"room\"\": 12}\"\n"
            + $"Bella,{Photo("Bella", 1)},,\nNobody,missing.jpg,,\nGroup,{TestData.Sample("group.jpg")},,\nx,y\nEve,adam.jpg,,[1]\n");
        var run = ToolRun.Of("enroll", _folder["list.csv"], "--gallery", Gallery, "--json", "--report", _folder["report.json"]);
        Assert.Equal(3, run.ExitCode);
        Assert.Equal(2, run.Json.GetProperty("enrolled").GetInt32());
        var errors = run.Json.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("message").GetString()!).ToArray();
        Assert.Equal(3, errors.Length);
        Assert.Contains(errors, e => e.Contains("missing.jpg", StringComparison.Ordinal));
        Assert.Contains("8 faces", Assert.Single(run.Json.GetProperty("unanswered").EnumerateArray()).GetProperty("message").GetString(),
            StringComparison.Ordinal);
        Assert.Contains(errors, e => e.Contains("line 6", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Contains("line 7: metadata is a JSON object", StringComparison.Ordinal));
        Assert.Equal(3, JsonDocument.Parse(File.ReadAllBytes(_folder["report.json"])).RootElement.GetProperty("errors").GetArrayLength());
        var person = Of("show", "--key", "a-1", "--json").Succeeds().Json;
        Assert.Equal(12, person.GetProperty("person").GetProperty("metadata").GetProperty("room").GetInt32());
        var sample = Assert.Single(person.GetProperty("samples").EnumerateArray());
        Assert.InRange(sample.GetProperty("quality").GetProperty("faceWidth").GetDouble(), 100, 160);
        Assert.True(sample.GetProperty("quality").GetProperty("sharpness").GetDouble() > 0);
        var again = ToolRun.Of("enroll", _folder["list.csv"], "--gallery", Gallery, "--json").Json;
        Assert.Equal((0, 2), (again.GetProperty("enrolled").GetInt32(), again.GetProperty("alreadyThere").GetInt32()));
    }

    [Fact]
    public void A_face_of_a_group_photo_is_enrolled_only_where_one_is_chosen_and_then_told()
    {
        var group = TestData.Sample("group.jpg");
        string[] args = ["enroll", group, "--name", "Somebody", "--gallery", Gallery];
        ToolRun.Of(args).Fails(4, "8 faces", "--face largest");
        var widths = ToolRun.Of("detect", group, "--json").Succeeds().Json.GetProperty("images")[0].GetProperty("faces").EnumerateArray()
            .Select(f => f.GetProperty("box")).Select(b => b.GetProperty("right").GetDouble() - b.GetProperty("left").GetDouble()).ToArray();
        foreach (var choice in (string[])["largest", "3"])
        {
            var width = choice == "largest" ? widths.Max() : widths[3];
            var beside = widths.Count(w => 2 * w >= width) - 1;
            var run = ToolRun.Of([.. args, "--face", choice, "--json"]).Succeeds();
            var warning = Assert.Single(run.Json.GetProperty("warnings").EnumerateArray(), w => w.GetProperty("kind").GetString() == "group-photo");
            Assert.Equal((group, "Somebody"),
                (warning.GetProperty("file").GetString(), warning.GetProperty("person").GetProperty("name").GetString()));
            var message = warning.GetProperty("message").GetString()!;
            foreach (var part in (string[])["group photo", $"{beside} others are", $"--gallery {Gallery} --sample {warning.GetProperty("sampleId").GetInt64()}"])
                Assert.Contains(part, message, StringComparison.Ordinal);
            Of("delete", "--name", "Somebody").Succeeds();
            Assert.Contains("it is a group photo", ToolRun.Of([.. args, "--face", choice]).Error, StringComparison.Ordinal);
            Of("delete", "--name", "Somebody").Succeeds();
        }
        var portrait = ToolRun.Of("enroll", Photo("Adam", 1), "--name", "Adam", "--gallery", Gallery, "--face", "largest", "--json").Succeeds().Json;
        Assert.Empty(portrait.GetProperty("warnings").EnumerateArray());
    }

    [Fact]
    public void A_folder_of_people_is_enrolled_and_a_sample_that_looks_like_somebody_else_is_told()
    {
        foreach (var (person, photo) in (ValueTuple<string, string>[])[("Adam", Photo("Adam", 1)), ("Bella", Photo("Bella", 1)),
            ("Impostor", Photo("Adam", 2))])
        {
            Directory.CreateDirectory(_folder["people/" + person]);
            File.Copy(photo, _folder[$"people/{person}/1.jpg"]);
        }
        var run = ToolRun.Of("enroll", _folder["people"], "--gallery", Gallery);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Impostor (3), but it looks like Adam (1)", run.Error);
        Assert.Contains("3 samples enrolled, 3 people added", run.Output);
        ToolRun.Of("enroll", Photo("Bella", 2), "--gallery", Gallery, "--name", "Bella").Succeeds();
        Assert.Equal(2, Of("show", "--name", "Bella", "--json").Succeeds().Json.GetProperty("samples").GetArrayLength());
    }

    [Fact]
    public void The_gallery_commands_tell_rename_and_check()
    {
        EnrolAll("--keep-crops");
        Assert.Equal(12, Of("info", "--json").Succeeds().Json.GetProperty("crops").GetInt64());
        Assert.Contains("bound to  edgeface-xs-distilled", Of("info").Succeeds().Output);
        Assert.Equal(Names, Of("list", "--json").Succeeds().Json.GetProperty("persons").EnumerateArray()
            .Select(p => p.GetProperty("name").GetString()));
        Assert.Contains("the next: --after 5", Of("list", "--count", "5").Succeeds().Output);
        Of("rename", "--id", "1", "--to", "Adam Smith").Succeeds();
        Assert.Contains("Adam Smith (1)", ToolRun.Of("identify", Photo("Adam", 2), "--gallery", Gallery).Succeeds().Output);
        Assert.Contains("sound", Of("check").Succeeds().Output);
        Assert.Contains("update-person", Of("audit").Succeeds().Output);
        Of("show", "--id", "99").Fails(3, "99");
        Of("show").Fails(2, "--id");
        Assert.Equal(1, Of("delete", "--sample", "2", "--json").Succeeds().Json.GetProperty("crops").GetInt32());
    }

    [Fact]
    public void An_export_is_imported_into_another_gallery()
    {
        EnrolAll("--keep-crops");
        Of("export", _folder["export"]).Succeeds();
        ToolRun.Of("gallery", "import", _folder["export"], "--gallery", _folder["second.db"]).Succeeds();
        Assert.Contains("12 people were there already",
            ToolRun.Of("gallery", "import", _folder["export"], "--gallery", _folder["second.db"]).Succeeds().Output);
        Assert.Contains("Karl", ToolRun.Of("identify", TestData.Sample("group.jpg"), "--gallery", _folder["second.db"]).Succeeds().Output);
        ToolRun.Of("gallery", "import", _folder["nowhere"], "--gallery", Gallery).Fails(3, "nowhere");
    }

    [Fact]
    public void An_encrypted_gallery_opens_with_its_key_only()
    {
        ToolRun.Of("gallery", "new-key", "-o", _folder["key"]).Succeeds();
        ToolRun.Of("gallery", "new-key", "-o", _folder["other"]).Succeeds();
        ToolRun.Of("gallery", "new-key", "-o", _folder["key"]).Fails(3, "key");
        EnrolAll("--key-file", _folder["key"]);
        ToolRun.Of("identify", Photo("Adam", 2), "--gallery", Gallery).Fails(3, "encrypted");
        ToolRun.Of("identify", Photo("Adam", 2), "--gallery", Gallery, "--key-file", _folder["other"]).Fails(3, "another key");
        ToolRun.Of("identify", Photo("Adam", 2), "--gallery", Gallery, "--key-file", _folder["key"]).Succeeds();
        ToolRun.Of("gallery", "change-key", "--gallery", Gallery, "--key-file", _folder["other"], "--to", _folder["other"]).Fails(3, "another key");
        ToolRun.Of("gallery", "change-key", "--gallery", Gallery, "--key-file", _folder["key"], "--to", _folder["other"]).Succeeds();
        ToolRun.Of("identify", Photo("Adam", 2), "--gallery", Gallery, "--key-file", _folder["key"]).Fails(3, "another key");
        ToolRun.Of("identify", Photo("Adam", 2), "--gallery", Gallery, "--key-file", _folder["other"]).Succeeds();
    }

    [Fact]
    public void Another_model_is_refused_until_the_gallery_is_embedded_anew()
    {
        EnrolAll("--keep-crops");
        FormulaWeights.Write(EdgeFaceVariants.Xxs, _folder["formula.efw"]);
        string[] other = ["--model", _folder["formula.efw"], "--threshold", "0.3"];
        ToolRun.Of(["identify", Photo("Adam", 2), "--gallery", Gallery, .. other]).Fails(3, "edgeface-xs-distilled", "formula");
        Assert.Contains("12 samples embedded anew (12 from crops, 0 from pictures)",
            Of("reembed", "--model", _folder["formula.efw"]).Succeeds().Output);
        Assert.Equal("sound", Of("check").Succeeds().Output.Trim().Split(' ')[^1]);
        // The model is no recogniser of people, but a picture is itself.
        var face = ToolRun.Of(["identify", Photo("Adam", 1), "--gallery", Gallery, "--json", .. other]).Succeeds().Json.GetProperty("faces")[0];
        Assert.Equal(("Adam", true), (NameOf(face), face.GetProperty("score").GetDouble() > 0.998));
        Assert.Contains("reembed", Of("audit").Succeeds().Output);
    }

    [Fact]
    public void Embedding_anew_from_pictures_changes_nothing_if_one_is_gone()
    {
        foreach (var name in Names[..3]) File.Copy(Photo(name, 1), _folder[$"{name}.jpg"]);
        File.WriteAllText(_folder["list.csv"], "name,image\nAdam,Adam.jpg\nBella,Bella.jpg\nChidi,Chidi.jpg\n");
        ToolRun.Of("enroll", _folder["list.csv"], "--gallery", Gallery).Succeeds();
        var before = Of("info").Succeeds().Output;
        File.Delete(_folder["Bella.jpg"]);
        var failed = Of("reembed", "--mirror-sum");
        Assert.Equal(3, failed.ExitCode);
        Assert.Contains("Bella.jpg", failed.Error);
        Assert.Contains("as it was: 1 of 3", failed.Output);
        Assert.Equal(before, Of("info").Succeeds().Output);
        Assert.Contains("sound", Of("check").Succeeds().Output);
        Assert.Contains("Adam", ToolRun.Of("identify", Photo("Adam", 2), "--gallery", Gallery).Succeeds().Output);
        Assert.Equal(3, Of("reembed", "--mirror-sum", "--drop-failed").ExitCode);
        Assert.Equal(2, Of("info", "--json").Succeeds().Json.GetProperty("samples").GetInt64());
        Assert.Contains("+mirror-sum", Of("info").Succeeds().Output);
        Assert.Contains("Adam", ToolRun.Of("identify", Photo("Adam", 2), "--gallery", Gallery).Succeeds().Output);
        Assert.Contains("sound", Of("check").Succeeds().Output);
    }

    [Fact]
    public void Unknown_faces_are_grouped_by_person()
    {
        var json = ToolRun.Of("cluster", Path.GetDirectoryName(TestData.Sample("x"))!, "--json", "-o", _folder["groups.csv"]).Succeeds().Json;
        Assert.Equal(32, json.GetProperty("faces").GetInt32());
        var groups = json.GetProperty("groups").EnumerateArray()
            .Select(g => g.GetProperty("faces").EnumerateArray().Select(f => Path.GetFileName(f.GetProperty("file").GetString()!)).ToArray())
            .ToArray();
        Assert.Equal(12, groups.Length);
        foreach (var group in groups)
        {
            var name = Assert.Single(group.Where(f => f != "group.jpg").Select(f => f.Split('-')[0]).Distinct());
            Assert.Equal(InGroup.Contains(name, StringComparer.OrdinalIgnoreCase) ? 3 : 2, group.Length);
        }
        Assert.Equal(33, File.ReadAllLines(_folder["groups.csv"]).Length);
        ToolRun.Of("cluster", _folder["nowhere"]).Fails(3, "nowhere");
    }

    [Fact]
    public void Groups_with_names_filled_in_are_a_list_to_enrol()
    {
        var group = TestData.Sample("group.jpg");
        ToolRun.Of("cluster", group, "-o", _folder["groups.csv"]).Succeeds();
        var lines = File.ReadAllLines(_folder["groups.csv"]);
        Assert.Equal(("group,file,face,left,top,right,bottom,name", 9), (lines[0], lines.Length));
        var faces = ToolRun.Of("detect", group, "--json").Succeeds().Json.GetProperty("images")[0].GetProperty("faces").EnumerateArray()
            .Select(f => f.GetProperty("box")).Select(b => (X: b.GetProperty("left").GetDouble(), Y: b.GetProperty("top").GetDouble())).ToArray();
        var byPlace = faces.Index().OrderBy(f => f.Item.Y >= 270).ThenBy(f => f.Item.X).Select(f => f.Index).Zip(InGroup).ToDictionary();
        // The last face of the list stays without a name.
        string Named(string line, int at) => at is 0 or 8 ? line : line + byPlace[int.Parse(line.Split(',')[2], CultureInfo.InvariantCulture)];
        File.WriteAllLines(_folder["groups.csv"], lines.Select(Named));
        var run = ToolRun.Of("enroll", _folder["groups.csv"], "--gallery", Gallery, "--json");
        Assert.Equal((0, 7, 7), (run.ExitCode, run.Json.GetProperty("enrolled").GetInt32(), run.Json.GetProperty("peopleAdded").GetInt32()));
        Assert.Empty(run.Json.GetProperty("warnings").EnumerateArray());
        Assert.Contains("line 9: passed over: nobody is named",
            Assert.Single(run.Json.GetProperty("ignored").EnumerateArray()).GetProperty("message").GetString(), StringComparison.Ordinal);
        string[] enrolled = [.. Of("list", "--json").Succeeds().Json.GetProperty("persons").EnumerateArray()
            .Select(p => p.GetProperty("name").GetString()!)];
        Assert.Equal(7, enrolled.Intersect(InGroup).Count());
        foreach (var name in enrolled)
            Assert.Equal(name, NameOf(Assert.Single(
                ToolRun.Of("identify", Photo(name, 1), "--gallery", Gallery, "--json").Succeeds().Json.GetProperty("faces").EnumerateArray())));
        // A number alone says which face, too; a box where nobody is does not.
        File.WriteAllText(_folder["faces.csv"], $"name,image,face,left,top,right,bottom\nOne,{group},3,,,,\nTwo,{group},,0,0,20,20\n"
            + $"Three,{group},first,,,,\nFour,{group},,1,2,3,\nFive,{group},largest,,,,\n");
        var chosen = ToolRun.Of("enroll", _folder["faces.csv"], "--gallery", _folder["other.db"], "--json");
        Assert.Equal((3, 2), (chosen.ExitCode, chosen.Json.GetProperty("enrolled").GetInt32()));
        var errors = chosen.Json.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("message").GetString()!).ToArray();
        string[] expected = ["line 4: a face is 'largest' or a number", "line 5: left,top,right,bottom are all empty", "no face in the box"];
        foreach (var part in expected)
            Assert.Single(errors, e => e.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public void Commands_that_cannot_be_carried_out_say_what_to_do()
    {
        ToolRun.Of("enroll", Photo("Adam", 1), "--gallery", Gallery).Fails(2, "--name");
        File.Copy(Photo("Adam", 1), _folder["adam.jpg"]);
        ToolRun.Of("enroll", _folder.Path, "--gallery", Gallery).Fails(2, "--name", "name,image");
        ToolRun.Of("enroll", TestData.Sample("people.csv")).Fails(2, "--gallery");
        ToolRun.Of("identify", Photo("Adam", 1), "--gallery", Gallery).Fails(3, "people.db");
        ToolRun.Of("enroll", _folder["nowhere"], "--gallery", Gallery).Fails(3, "nowhere");
        Assert.False(File.Exists(Gallery));
        File.WriteAllText(Gallery, "this is no gallery");
        ToolRun.Of("gallery", "info", "--gallery", Gallery).Fails(3, "people.db");
    }
}
