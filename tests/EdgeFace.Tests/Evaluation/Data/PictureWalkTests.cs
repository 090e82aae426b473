using EdgeFace.Evaluation.Data;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Evaluation.Data;

public sealed class PictureWalkTests
{
    [Fact]
    public void Pictures_are_found_once_and_what_is_passed_over_is_told()
    {
        using var folder = new MessyFolder(("a.jpg", "adam-1.jpg"), ("b.JFIF", "adam-2.jpg"), ("sub/c.jpe", "bella-1.jpg"),
            ("sub/deep/d.JPEG", "bella-2.jpg"));
        foreach (var follow in (bool[])[false, true])
        {
            var walk = new PictureWalk(new() { FollowLinks = follow });
            Assert.Equal(folder.Pictures, walk.Deep(folder.Path).Order(StringComparer.Ordinal));
            Assert.Equal(folder.PassedOver.Where(p => !follow || p != folder["away"]).Order(StringComparer.Ordinal),
                walk.PassedOver.Select(p => p.Path).Order(StringComparer.Ordinal));
            Assert.DoesNotContain(walk.PassedOver, p => p.IsFault);
        }
    }

    [Fact]
    public void Links_to_folders_are_followed_if_asked_and_circles_end()
    {
        using TempFolder folder = new(), elsewhere = new();
        folder.Write("1.jpg", [1]);
        elsewhere.Write("2.jpg", [2]);
        Directory.CreateSymbolicLink(folder["there"], elsewhere.Path);
        Directory.CreateSymbolicLink(folder["there-too"], elsewhere.Path);
        Directory.CreateSymbolicLink(elsewhere["back"], folder.Path);
        Directory.CreateSymbolicLink(folder["self"], folder["self"]);
        Assert.Equal([folder["1.jpg"]], new PictureWalk(new()).Deep(folder.Path));
        var walk = new PictureWalk(new() { FollowLinks = true });
        Assert.Equal([folder["1.jpg"], folder["there/2.jpg"]], walk.Deep(folder.Path));
        Assert.Equal([folder["self"], folder["there-too"], folder["there/back"]], walk.PassedOver.Select(p => p.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_name_that_is_no_text_is_a_fault_of_its_own()
    {
        using var folder = new TempFolder();
        folder.Write("a.jpg", [1]);
        folder.Write("x", [2]);
        Directory.CreateDirectory(folder["y"]);
        OddFiles.ToLatin1(folder["x"], folder["caf\u00E9.jpg"]);
        OddFiles.ToLatin1(folder["y"], folder["d\u00E9j\u00E0"]);
        try
        {
            var walk = new PictureWalk(new());
            Assert.Equal([folder["a.jpg"]], walk.Deep(folder.Path));
            Assert.Equal([folder["caf\uFFFD.jpg"], folder["d\uFFFDj\uFFFD"]],
                walk.PassedOver.Where(p => p.IsFault && p.Why.Contains("UTF-8", StringComparison.Ordinal)).Select(p => p.Path));
        }
        finally
        {
            OddFiles.FromLatin1(folder["caf\u00E9.jpg"], folder["x"]);
            OddFiles.FromLatin1(folder["d\u00E9j\u00E0"], folder["y"]);
        }
    }

    /// <summary>The list of endings and the codec are of one mind: the codec reads every kind that a folder is searched for.</summary>
    [Fact]
    public void Every_ending_is_of_a_kind_that_the_codec_reads()
    {
        Dictionary<string, string> fixtures = new()
        {
            [".jpg"] = "baseline.jpg", [".jpeg"] = "progressive.jpg", [".jpe"] = "grey.jpg", [".jfif"] = "restart.jpg", [".png"] = "rgb.png",
                [".bmp"] = "rgb24.bmp", [".dib"] = "rgb24.bmp", [".webp"] = "lossy.webp", [".gif"] = "animated.gif",
        };
        Assert.Equal(fixtures.Keys.Order(StringComparer.Ordinal), DataSetOptions.Default.Extensions.Order(StringComparer.Ordinal));
        using var folder = new TempFolder();
        foreach (var (ending, fixture) in fixtures)
        {
            File.Copy(Path.Combine(TestData.Repository, "tests/EdgeFace.Tests/Fixtures/images", fixture), folder["lower" + ending]);
            File.Copy(folder["lower" + ending], folder["upper" + ending.ToUpperInvariant()]);
        }
        var found = new PictureWalk(new()).Deep(folder.Path);
        Assert.Equal(2 * fixtures.Count, found.Count);
        Assert.All(found, f => Assert.True(ImageCodec.Load(f).Width > 0));
    }

    [Fact]
    public void A_thousand_folders_deep_is_no_matter()
    {
        using var folder = new TempFolder();
        var deep = Path.Combine([folder.Path, .. Enumerable.Repeat("d", 1000)]);
        Directory.CreateDirectory(deep);
        File.WriteAllBytes(Path.Combine(deep, "1.jpg"), [1]);
        Assert.Equal([Path.Combine(deep, "1.jpg")], new PictureWalk(new()).Deep(folder.Path));
    }

    [Fact]
    public void Lists_do_not_wait_for_pipes()
    {
        using var folder = new TempFolder();
        folder.Write("1.jpg", [1]);
        folder.Write("2.jpg", [2]);
        OddFiles.Pipe(folder["3.jpg"]);
        File.WriteAllText(folder["list"], "identity,image\nAda,1.jpg\nAda,2.jpg\nBo,3.jpg\n");
        using var set = IdentityFolder.ReadList(folder["list"]);
        Assert.Equal((2, DataProblemKind.MissingFile), (set.Images.Count, set.Problems.Single().Kind));
        Assert.Equal("a device or pipe", Assert.Throws<DataSetException>(() => IdentityFolder.ReadList(folder["3.jpg"])).Found);
        File.Delete(folder["2.jpg"]);
        OddFiles.Pipe(folder["2.jpg"]);
        Assert.Equal("a device or pipe", Assert.Throws<DataSetException>(() => set.Images[1].Read()).Found);
    }
}
