using EdgeFace.Gallery;
using EdgeFace.Tests.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.App;

[Collection(nameof(EnvironmentVariable))]
public sealed class GalleryMergeCommandTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    ToolRun Of(string command, params string[] more) => ToolRun.Of(["gallery", command, "--gallery", _folder["people.db"], .. more]);

    [Fact]
    public void People_are_merged_and_come_apart_and_samples_move()
    {
        using (var gallery = SqliteGallery.Create(_folder["people.db"], KnownPeople.Contract, KnownPeople.Space, new()))
        {
            gallery.Enrol(new("Ann"), [new(KnownPeople.Photo(1, 1))]);
            gallery.Enrol(new("Anna"), [new(KnownPeople.Photo(1, 2)), new(KnownPeople.Photo(1, 3))]);
        }
        Assert.Contains("merged person 2 into Ann (1), who has 3 samples now",
            Of("merge", "--into", "1", "--from", "2").Succeeds().Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Anna", Of("list").Succeeds().Output, StringComparison.Ordinal);
        Of("show", "--name", "Anna").Fails(3, "Anna");
        Of("merge", "--into", "1", "--from", "2").Fails(3, "person 2 was merged into person 1");
        var back = Of("unmerge", "2", "--json").Succeeds().Json;
        Assert.Equal(("edgeface.merge.v1", 2, 2), (back.GetProperty("schema").GetString(),
            back.GetProperty("person").GetProperty("id").GetInt32(), back.GetProperty("person").GetProperty("samples").GetInt32()));
        Of("unmerge", "2").Fails(3, "no person 2 was merged");
        Of("unmerge", "x").Fails(2, "<person>", "'x'");
        Of("merge", "--into", "1").Fails(2, "--from");
        var moved = Of("move", "--sample", "3", "--to", "1", "--json").Succeeds().Json;
        Assert.Equal(("edgeface.move.v1", 3, 1), (moved.GetProperty("schema").GetString(),
            moved.GetProperty("sample").GetProperty("id").GetInt32(), moved.GetProperty("person").GetProperty("id").GetInt32()));
        Of("move", "--sample", "9", "--to", "1").Fails(3, "no sample 9");
        Assert.Equal(2, Of("merge", "--into", "2", "--from", "1", "--json").Succeeds().Json.GetProperty("person").GetProperty("id").GetInt32());
        Assert.Contains("sound", Of("check").Succeeds().Output, StringComparison.Ordinal);
    }
}
