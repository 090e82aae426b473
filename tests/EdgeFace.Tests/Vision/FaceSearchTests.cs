using EdgeFace.Kernels;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Tests.Vision;

/// <summary>Where the search looks: all of the picture at the coarse scales, and at the finest where there are traces of small faces.</summary>
public sealed unsafe class FaceSearchTests
{
    // As docs/detector.md says.
    const int Margin = 40;
    const float TraceSlope = 0.2f, LeastTrace = -2, SureScore = 0.85f, SureWidth = 24;

    static string[] Portraits => [.. Directory.GetFiles(TestData.Sample("."), "*-?.jpg").Order(StringComparer.Ordinal)];

    /// <summary>The rule for a region, as plainly as it can be said, at the cells of a look of our own.</summary>
    [Fact]
    public void Every_trace_of_a_small_face_lies_in_a_region_that_is_looked_at_finely()
    {
        using ModelFile model = DefaultModels.OpenDetector();
        using var network = new DetectorNetwork(model, KernelSet.Default);
        using var memory = new SearchMemory(network, null, KernelSet.Default);
        var (inside, outside) = (0, 0);
        foreach (var file in (string[])[TestData.Sample("group.jpg"), .. Portraits.Take(3)])
        {
            var image = ImageCodec.Load(file);
            fixed (byte* pixels = image.Pixels)
            {
                memory.Pyramid.Begin(pixels, image.Width, image.Height);
                new FaceSearch(network, default).Run(memory);
                Region[] regions = [.. memory.Regions];
                var whole = Region.Whole(memory.Pyramid.Picture, 1);
                var half = Region.Whole(memory.Pyramid.Picture, 0.5);
                Assert.False(half.IsLargerThan(network.Tile.Side));
                memory.Rows.Set(memory.Pyramid, 0.5, 0, 0, Region.Padded(half.Width));
                memory.Detector.Run(memory.Rows, Region.Padded(half.Height), Region.Padded(half.Width));
                var map = memory.Detector.Outputs[0];
                var sure = Sure(network, memory);
                for (var y = 0; y < map.Height; y++)
                    for (var x = 0; x < map.Width; x++)
                    {
                        var cell = map.Row(y) + x * map.Step;
                        var trace = cell[0] - TraceSlope * (cell[1] + cell[2] + cell[3] + cell[4]);
                        // What differs in the last bits may be either.
                        if (Math.Abs(trace - LeastTrace) < 1e-3) continue;
                        int cx = 16 * x + 8, cy = 16 * y + 8;
                        if (trace < LeastTrace || sure.Any(b => cx > b.Left && cx < b.Right && cy > b.Top && cy < b.Bottom)) outside++;
                        else
                        {
                            inside++;
                            int left = Math.Max(0, cx - Margin), right = Math.Min(Region.Padded(whole.Right), cx + Margin);
                            int top = Math.Max(0, cy - Margin), bottom = Math.Min(Region.Padded(whole.Bottom), cy + Margin);
                            Assert.Contains(regions, r => r.Left <= left && r.Top <= top && r.Right >= right && r.Bottom >= bottom);
                        }
                    }
            }
        }
        Assert.InRange(inside, 10, outside);
    }

    /// <summary>The boxes that need no finer look, in pixels of the finest scale, found one by one.</summary>
    static List<Box> Sure(DetectorNetwork network, SearchMemory memory)
    {
        List<Candidate> found = [];
        for (var i = 0; i < 3; i++)
            for (var y = 0; y < memory.Detector.Outputs[i].Height; y++)
                for (var x = 0; x < memory.Detector.Outputs[i].Width; x++)
                    if (network.TryDecode(Cell(i, x, y), x, y, 8 << i, out var one)) found.Add(one);
        Suppression.DropOverlaps(found);
        return [.. found.Where(f => f.Score >= SureScore && f.Box.Width >= SureWidth).Select(f => f.ToPicture(0.5, 0, 0).Box)];

        float* Cell(int i, int x, int y) => memory.Detector.Outputs[i].Row(y) + x * memory.Detector.Outputs[i].Step;
    }

    [Theory]
    [InlineData(60)]
    [InlineData(32)]
    public void Small_faces_of_a_group_in_a_photo_of_twelve_megapixels_are_found_by_default(int faceWidth)
    {
        using var detector = DetectorTests.Open();
        const int width = 4000, height = 3000;
        var pixels = new byte[3 * width * height];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)(90 + i / 3 % width / 40 + i / 3 / width / 60);
        List<Point> noses = [];
        for (var i = 0; i < Portraits.Length; i++)
        {
            var portrait = ImageCodec.Load(Portraits[i]);
            var face = Assert.Single(detector.Detect(portrait));
            var s = faceWidth / face.Box.Width;
            var small = DetectorTests.Scale(portrait, s);
            int left = 61 + 623 * (i % 6), top = 47 + 711 * (i / 6);
            for (var y = 0; y < small.Height; y++)
                small.Pixels.Slice(3 * y * small.Width, 3 * small.Width).CopyTo(pixels.AsSpan(3 * ((top + y) * width + left)));
            noses.Add(new(left + face.Landmarks.Nose.X * s, top + face.Landmarks.Nose.Y * s));
        }
        var found = detector.Detect(new(width, height, pixels));
        foreach (var nose in noses) Assert.Contains(found, f => Near(f.Landmarks.Nose, nose));

        bool Near(Point a, Point b) => Math.Abs(a.X - b.X) + Math.Abs(a.Y - b.Y) < 0.15f * faceWidth;
    }

    [Fact]
    public void Where_a_portrait_fills_the_picture_nothing_is_looked_at_finely()
    {
        using ModelFile model = DefaultModels.OpenDetector();
        using var network = new DetectorNetwork(model, KernelSet.Default);
        using var memory = new SearchMemory(network, null, KernelSet.Default);
        var image = ImageCodec.Load(TestData.Sample("adam-1.jpg"));
        fixed (byte* pixels = image.Pixels)
        {
            memory.Pyramid.Begin(pixels, image.Width, image.Height);
            new FaceSearch(network, default).Run(memory);
        }
        Assert.NotEmpty(memory.Found);
        Assert.True(memory.Regions.Sum(r => r.Area) < 0.1 * image.Width * image.Height, string.Join(", ", memory.Regions));
    }

    [Theory]
    [InlineData(1, 300, 200)]
    [InlineData(40, 1300, 700)]
    [InlineData(900, 1300, 700)]
    [InlineData(900, 20, 4000)]
    public void Regions_hold_all_traces_fit_the_network_and_cost_no_more_than_one_each_or_all_in_one(int count, int width, int height)
    {
        var random = new Random(count);
        var traces = new Traces();
        List<Region> regions = [], points = [];
        var whole = new Region(0, 0, width, height);
        for (var i = 0; i < count; i++)
        {
            int left = 8 * random.Next((width + 15) / 16), top = 8 * random.Next((height + 15) / 16);
            traces.Add(left, top, 8);
            points.Add(new(2 * left + 8, 2 * top + 8, 2 * left + 8, 2 * top + 8));
        }
        traces.Cover(whole, regions);
        foreach (var point in points)
            Assert.Contains(regions, r => r.Left <= point.Left && r.Top <= point.Top && r.Right >= point.Right && r.Bottom >= point.Bottom);
        Assert.All(regions, r => Assert.True(r.Width > 0 && r.Height > 0 && r.Width % 32 == 0 && r.Height % 32 == 0));
        Assert.All(regions, r => Assert.True(r.Left >= 0 && r.Top >= 0 && r.Right <= Region.Padded(width) && r.Bottom <= Region.Padded(height)));
        var all = points.Aggregate((a, b) => a.With(b)).Widened(Margin, whole);
        var area = regions.Sum(r => r.Area + 2000);
        Assert.InRange(area, 1, points.Sum(p => p.Widened(Margin, whole).Area + 2000));
        Assert.InRange(area, 1, all.Area + 2000);
        traces.Cover(whole, regions = []);
        Assert.Empty(regions);
    }
}
