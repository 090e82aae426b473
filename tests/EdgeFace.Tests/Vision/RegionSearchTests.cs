using EdgeFace.Kernels;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Tests.Vision;

/// <summary>Searches of a part of a picture, as in a video.</summary>
public sealed unsafe class RegionSearchTests : IDisposable
{
    readonly FaceDetector _detector = DetectorTests.Open();

    public void Dispose() => _detector.Dispose();

    static RgbImage Group => ImageCodec.Load(TestData.Sample("group.jpg"));

    static Box Widened(Box box, float share)
        => new(box.Left - share * box.Width, box.Top - share * box.Height, box.Right + share * box.Width, box.Bottom + share * box.Height);

    static bool IsSame(Face a, Face b) => a.Box.IntersectionOverUnion(b.Box) > 0.9f && Math.Abs(a.Score - b.Score) < 0.05f;

    static bool Holds(Box region, Face face) => region.Intersection(face.Box) >= 0.999f * face.Box.Area;

    [Fact]
    public void A_part_gives_the_faces_of_the_whole_search_that_lie_in_it()
    {
        var image = Group;
        var all = _detector.Detect(image);
        Assert.InRange(all.Count, 4, 100);
        Box[] regions = [new(0, 0, image.Width / 2f, image.Height), new(image.Width / 2f, 0, image.Width, image.Height),
            new(0, image.Height / 3f, image.Width, image.Height), new(-1000, -1000, 1e6f, 1e6f), .. all.Select(f => Widened(f.Box, 0.3f))];
        foreach (var region in regions)
        {
            var found = _detector.Detect(image, region);
            foreach (var face in all.Where(f => Holds(region, f))) Assert.Single(found, f => IsSame(f, face));
            Assert.All(found, f => Assert.InRange((f.Box.Left + f.Box.Right) / 2, region.Left, region.Right));
            Assert.All(found, f => Assert.InRange((f.Box.Top + f.Box.Bottom) / 2, region.Top, region.Bottom));
            Assert.Equal(found.OrderByDescending(f => f.Score), found);
        }
    }

    [Fact]
    public void Faces_are_found_again_that_moved_a_little_and_no_others()
    {
        var image = Group;
        var all = _detector.Detect(image);
        Face[] earlier = [.. all.Where((_, i) => i % 2 == 0).Select(f => f with { Box = Moved(f.Box, 0.4f * f.Box.Width) })];
        var found = _detector.Detect(image, earlier);
        for (var i = 0; i < all.Count; i += 2) Assert.Single(found, f => IsSame(f, all[i]));
        Assert.All(found, f => Assert.Contains(all, a => IsSame(a, f)));
        Assert.Empty(_detector.Detect(image, []));
        Assert.Empty(_detector.Detect(image, [all[0] with { Box = new(-500, -500, -400, -400) }]));

        static Box Moved(Box b, float by) => new(b.Left + by, b.Top + by, b.Right + by, b.Bottom + by);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_turned_face_is_found_in_its_part(int quarters)
    {
        var image = Spoilt.Turned(ImageCodec.Load(TestData.Sample("adam-1.jpg")), quarters);
        var whole = Assert.Single(_detector.Detect(image));
        Assert.True(IsSame(whole, Assert.Single(_detector.Detect(image, Widened(whole.Box, 0.3f)))));
    }

    [Fact]
    public void Nothing_is_found_beside_the_picture_and_a_part_without_size_is_refused()
    {
        var image = Group;
        Assert.Empty(_detector.Detect(image, new Box(-50, 0, -1, 100)));
        Assert.Empty(_detector.Detect(image, new Box(image.Width, 0, image.Width + 100, 100)));
        Assert.Empty(_detector.Detect(image, new Box(image.Width - 1, image.Height - 1, image.Width, image.Height)));
        foreach (var region in (Box[])[default, new(5, 5, 5, 9), new(9, 5, 5, 9), new(0, 0, float.NaN, 1), new(0, 0, float.PositiveInfinity, 1)])
            Assert.Throws<ArgumentException>(() => _detector.Detect(image, region));
        var face = new Face(new(3, 3, 3, 3), default, 1);
        Assert.Throws<ArgumentException>(() => _detector.Detect(image, [face]));
    }

    [Fact]
    public void After_a_part_the_whole_picture_is_searched_as_before()
    {
        var image = Group;
        var all = _detector.Detect(image);
        _detector.Detect(image, new Box(0, 0, 100, 100));
        Assert.Equal(all, _detector.Detect(image));
    }

    [Fact]
    public void A_part_costs_as_much_less_as_it_is_smaller()
    {
        var group = Group;
        const int width = 4000, height = 3000;
        var pixels = new byte[3 * width * height];
        for (var y = 0; y < group.Height; y++)
            group.Pixels.Slice(3 * y * group.Width, 3 * group.Width).CopyTo(pixels.AsSpan(3 * (y * width + 500)));
        var image = new RgbImage(width, height, pixels);
        var all = _detector.Detect(image);
        var whole = Looked(image, []);
        var around = Looked(image, [new(Widened(all[0].Box, 0.3f))]);
        var again = Looked(image, [.. all.Take(2).Select(f => SearchArea.Around(f.Box))]);
        Assert.InRange(around, 1, whole / 10);
        Assert.InRange(again, 1, whole / 5);
        Assert.InRange(Looked(image, [new(new(0, 0, width, height))]), whole, whole * 11 / 10);
    }

    /// <summary>How many pixels the first network looks at.</summary>
    static long Looked(RgbImage image, SearchArea[] areas)
    {
        using var model = DefaultModels.OpenDetector();
        using var network = new DetectorNetwork(model, KernelSet.Default);
        using var memory = new SearchMemory(network, null, KernelSet.Default);
        fixed (byte* pixels = image.Pixels)
        {
            memory.Begin(areas, default);
            memory.Pyramid.Begin(pixels, image.Width, image.Height);
            new FaceSearch(network, default).Run(memory);
        }
        return memory.Detector.Pixels;
    }
}
