using EdgeFace.Evaluation.Data;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.App;

/// <summary>
/// The people of LFW with several photos: the first is enrolled, the others are looked for, by the evaluation's protocol and by a gallery.
/// </summary>
[Collection(nameof(EnvironmentVariable))]
public sealed class LfwIdentificationTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_gallery_finds_as_many_people_of_lfw_as_the_protocol()
    {
        var lfw = TestData.Shared("lfw");
        var json = ToolRun.Of("eval", "identities", lfw, "--aligned", "--json").Json;
        var search = Assert.Single(json.GetProperty("models")[0].GetProperty("searches").EnumerateArray());
        Assert.True(search.GetProperty("rank1").GetDouble() > 0.95);
        Assert.InRange(search.GetProperty("fnirAtFpir1").GetProperty("value").GetDouble(), 0.05, 0.2);

        using var set = IdentityFolder.Read(lfw);
        var people = set.Images.GroupBy(i => i.Person!).Where(g => g.Count() > 1).ToArray();
        Assert.Equal(people.Length, search.GetProperty("people").GetInt32());
        File.WriteAllLines(_folder["first.csv"], ["name,image", .. people.Select(p => $"{p.Key},{p.First().Path}")]);
        var gallery = _folder["lfw.db"];
        var enrolled = ToolRun.Of("enroll", _folder["first.csv"], "--gallery", gallery, "--aligned", "--gate", "off", "--json").Json;
        Assert.Equal(people.Length, enrolled.GetProperty("enrolled").GetInt32());

        var probes = people.SelectMany(p => p.Skip(1)).ToArray();
        using var embedder = new FaceEmbedder(DefaultModels.OpenRecogniser());
        var embeddings = probes.AsParallel().AsOrdered().Select(p => embedder.Embed(ImageCodec.Load(p.Path!).Pixels)).ToArray();
        string?[] first;
        using (var opened = SqliteGallery.Open(gallery, embedder.Contract, new()))
            first = [.. opened.Search(embeddings, 1).Select(c => c[0].Person.Name)];
        var found = probes.Zip(first).Count(x => x.First.Person == x.Second);
        var expected = search.GetProperty("rank1").GetDouble() * probes.Length;
        // Embeddings are stored as 16-bit floats: where two people score alike the order may turn.
        Assert.InRange(found, expected - 2, expected + 2);

        foreach (var i in Enumerable.Range(0, 20).Select(i => i * probes.Length / 20))
        {
            var run = ToolRun.Of("identify", probes[i].Path!, "--gallery", gallery, "--aligned", "--gate", "off", "--json");
            Assert.InRange(run.ExitCode, 0, 1);
            Assert.Equal(first[i],
                run.Json.GetProperty("faces")[0].GetProperty("candidates")[0].GetProperty("person").GetProperty("name").GetString());
        }
    }
}
