using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Evaluation.Results;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Evaluation;

/// <summary>What a result says of one data set, with embeddings made by hand: no pictures are decoded.</summary>
public sealed class ModelResultTests
{
    const int People = 60, Dimension = 8;

    static readonly EmbeddingContract Contract = new("by hand", new('a', 64), Dimension, "none", "none");

    /// <summary>Sixty people at random; of every fourth the second image is of somebody else, as its face score of 0.5 gives away.</summary>
    static TempFolder Folder()
    {
        var folder = new TempFolder();
        for (var p = 0; p < People; p++)
        {
            Directory.CreateDirectory(folder[$"p{p:d2}"]);
            foreach (var i in (int[])[0, 1]) folder.Write($"p{p:d2}/{i}.jpg", [(byte)p, (byte)i]);
        }
        return folder;
    }

    static EmbedOutcome Embed(DataImage image, Span<float> target)
    {
        var bytes = image.Read();
        var bad = bytes[1] == 1 && bytes[0] % 4 == 0;
        var random = new Random(bad ? 1000 + bytes[0] : bytes[0]);
        foreach (ref var v in target) v = random.NextSingle() - 0.5f;
        Embedding.Normalise(target, "test");
        return new(null, bad ? 0.5f : 0.9f, bytes[0] == 4 ? null : bad ? 0.25f : 0.75f);
    }

    [Fact]
    public void A_quality_that_knows_the_misses_discards_them()
    {
        using var folder = Folder();
        using var set = IdentityFolder.Read(folder.Path);
        var images = EmbeddedImages.Compute(set.Images, Dimension, Embed, null, TestContext.Current.CancellationToken);
        var useless = new ImageQuality("useless", [.. Enumerable.Range(0, images.Count).Select(i => i == 3 ? (float?)null : 1)]);
        var result = ModelResult.OfIdentities("m", Contract, set, images, null, null, [useless], TestContext.Current.CancellationToken);
        Assert.Equal(["detector score", "gate score", "useless"], result.Discards.Select(d => d.Quality));
        var lowest = result.AtFmr.Last(f => f.Threshold.IsSupported);
        Assert.All(result.Discards, d => Assert.Equal(lowest.Fmr, d.Fmr));
        var curve = result.Discards[0].Curve!;
        Assert.Equal(lowest.Threshold.Value, curve.Threshold);
        Assert.Equal(lowest.Point!.Value.Fnmr, curve.At(0).Fnmr);
        // The misses are among the fifteen pairs with a wrong image, and these go first.
        Assert.InRange(curve.At(0).Fnmr.Count, 1, 15);
        Assert.Equal(new(0.9f, 0.25, new(0, 45)), curve.At(0.25));
        Assert.Equal([0.25, 0.75], result.Discards[1].Curve!.Points.Select(p => p.Quality));
        Assert.Equal((1L, 59L, 1), (
            result.Discards[2].WithoutQuality,
            result.Discards[2].Curve!.At(0).Fnmr.Total,
            result.Discards[2].Curve!.Points.Count));
    }

    [Fact]
    public void Galleries_are_told_for_the_supported_rates_only()
    {
        using var folder = Folder();
        using var set = IdentityFolder.Read(folder.Path);
        var images = EmbeddedImages.Compute(set.Images, Dimension, Embed, null, TestContext.Current.CancellationToken);
        var result = ModelResult.OfIdentities("m", Contract, set, images, cancellation: TestContext.Current.CancellationToken);
        Assert.Empty(result.ExpectedFpir);
        var supported = result.AtFmr.Where(f => f.Threshold.IsSupported).Select(f => f.Fmr).ToArray();
        Assert.InRange(supported.Length, 1, 2);
        Assert.Equal(supported.Select(f => new ExpectedFpir(f, 10, SearchRates.Fpir(f, 10))), result.WithGalleries([10]).ExpectedFpir);
    }

    [Fact]
    public void Parts_of_embeddings_keep_what_became_of_the_images()
    {
        using var folder = Folder();
        using var set = IdentityFolder.Read(folder.Path);
        var images = EmbeddedImages.Compute(set.Images, Dimension,
            (image, target) => image.Name == "p00/0.jpg" ? new("no face") : Embed(image, target), null, TestContext.Current.CancellationToken);
        var part = images.Part(2, 3);
        Assert.Equal((3, People * 2, 1, "no face", null), (part.Dimension, part.Count, part.FailureCount, part.Failure(0), part.FaceScore(0)));
        Assert.Equal(images[5][2..5], part[5]);
        Assert.Equal(images.FaceScore(5), part.FaceScore(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => images.Part(6, 3));
    }
}
