using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Evaluation.Results;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Evaluation;

public sealed class PeopleSearchTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Mates_left_out_become_strangers()
    {
        // Two people at right angles; a probe of the first that leans to the second, and a stranger.
        float[] gallery = [1, 0, 0, 0, 1, 0], probes = [0.8f, 0.6f, 0, 0, 0, 1];
        var search = Identification.Search(gallery, [1, 2], probes, [1, 3], 3, matedFailures: 1, nonMatedFailures: 2);
        Assert.Equal((0.8f, 0.6f), (search.Searches[0].MateScore, search.Searches[0].OtherScore));
        Assert.Equal((0, 3), (search.Fpir(0.5).Count, search.Fpir(0.5).Total));
        var both = search.WithMatesLeftOut();
        Assert.Equal((1, 5), (both.Fpir(0.5).Count, both.Fpir(0.5).Total));
        Assert.Equal((0, 5), (both.Fpir(0.7).Count, both.Fpir(0.7).Total));
        Assert.Equal((1, 2), (both.FoundWithin(1).Count, both.FoundWithin(1).Total));
        Assert.Equal((2, 2), (both.Fnir(0.9).Count, both.Fnir(0.9).Total));
    }

    [Fact]
    public void The_first_image_of_a_person_is_enrolled_and_the_others_are_searched()
    {
        foreach (var name in (string[])["a/1", "a/2", "a/3", "b/1", "b/2", "c/1", "d/1", "d/2"])
        {
            Directory.CreateDirectory(_folder[name[..1]]);
            File.WriteAllBytes(_folder[name + ".jpg"], [1]);
        }
        using var set = IdentityFolder.Read(_folder.Path);
        var images = EmbeddedImages.Compute(set.Images, 4, (image, target) =>
        {
            // d's first image fails, so nobody of d is enrolled; b's second looks like a.
            if (image.Name == "d/1.jpg") return new("no face");
            target[image.Name == "b/2.jpg" ? 0 : image.Name[0] - 'a'] = 1;
            return default;
        }, cancellation: TestContext.Current.CancellationToken);
        var search = PeopleSearch.Run(set, images)!;
        Assert.Equal(2, search.People);
        Assert.Equal((2, 4), (search.Rank1.Count, search.Rank1.Total));
        Assert.False(search.AtFpir1.Fnir.IsSupported);
    }

    [Fact]
    public void Without_people_of_two_images_there_is_no_search()
    {
        Directory.CreateDirectory(_folder["a"]);
        File.WriteAllBytes(_folder["a/1.jpg"], [1]);
        using var set = IdentityFolder.Read(_folder.Path);
        Assert.Null(PeopleSearch.Run(set, EmbeddedImages.Compute(set.Images, 2, (_, target) =>
        {
            target[0] = 1;
            return default;
        }, cancellation: TestContext.Current.CancellationToken)));
    }
}
