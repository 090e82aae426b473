using EdgeFace.Kernels;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;
using EdgeFace.Vision.Detection.Maps;

namespace EdgeFace.Tests.Vision;

public sealed unsafe class DetectorTests
{
    public static TheoryData<string> Sets => [.. KernelSet.Available.Select(k => k.Name)];

    [Theory, MemberData(nameof(Sets))]
    public void Stage_1_agrees_with_the_reference_map_by_map(string set)
    {
        using var golden = new Golden("detector.safetensors");
        using var model = ReferenceModel("detector");
        using var network = new DetectorNetwork(model, KernelSet.ByName(set));
        using var pass = network.NewPass();
        var shape = golden.Shape("input");
        Compare(golden, pass, new PlaneRows(golden["input"], shape[2], shape[3]),
        [
            ("stem", "stem", 16), ("c3", "s8.2", 64), ("c4", "s16.2", 96), ("c5", "s32.1", 128),
            ("p5", "fpn32", 64), ("p4", "fpn16", 64), ("p3", "fpn8", 64),
            ("out8", "out8", 15), ("out16", "out16", 15), ("out32", "out32", 15),
        ]);
    }

    [Theory, MemberData(nameof(Sets))]
    public void Stage_2_agrees_with_the_reference_map_by_map(string set)
    {
        using var golden = new Golden("detector.safetensors");
        using var model = ReferenceModel("refiner");
        using var network = new RefinerNetwork(model, KernelSet.ByName(set));
        using var memory = network.NewMemory();
        var patch = new PlaneRows(golden["refiner.input"], RefinerNetwork.PatchSize, RefinerNetwork.PatchSize);
        Compare(golden, memory.Pass, patch, [("refiner.r8", "r8.1", 64), ("refiner.r16", "r16.1", 96)]);
        // Each face of a batch gets the same bits, whatever lies beside it.
        for (var i = 0; i < RefinerNetwork.Batch; i++) RefinerNetwork.Look(memory, i, patch);
        network.Finish(memory, RefinerNetwork.Batch);
        var alone = new ReadOnlySpan<float>(memory.OutputOf(RefinerNetwork.Batch - 1), RefinerNetwork.Outputs).ToArray();
        RefinerNetwork.Look(memory, 0, patch);
        network.Finish(memory, 1);
        var output = new ReadOnlySpan<float>(memory.OutputOf(0), RefinerNetwork.Outputs).ToArray();
        Assert.Equal(alone, output);
        var expected = golden["refiner.out"];
        for (var i = 0; i < output.Length; i++) Assert.Equal(expected[i], output[i], 1e-4f * expected.Max(Math.Abs));
    }

    /// <summary>Maps of the reference by their names, of ours by their layers'.</summary>
    static void Compare(Golden golden, NetworkPass pass, PlaneRows pixels, (string Golden, string Layer, int Channels)[] maps)
    {
        foreach (var map in pass.Maps) map.Whole = true;
        pass.Run(pixels, pixels.Height, pixels.Width);
        foreach (var (name, layer, channels) in maps)
        {
            var map = pass.Maps.Single(m => m.Name == layer);
            var whole = new float[map.Height * map.Width * map.Step];
            for (var y = 0; y < map.Height; y++)
                new ReadOnlySpan<float>(map.Row(y), map.Width * map.Step).CopyTo(whole.AsSpan(y * map.Width * map.Step));
            fixed (float* values = whole) golden.Near(name, values, channels, map.Step);
        }
    }

    [Fact]
    public void The_refiners_patch_is_cut_as_the_reference_cuts_it()
    {
        using var golden = new Golden("detector.safetensors");
        var first = golden["stage1.faces"].AsSpan(0, 15);
        var image = ImageCodec.Load(TestData.Sample("group.jpg"));
        var s = Math.Min(1, 640.0 / Math.Max(image.Width, image.Height));
        Assert.True(FaceAligner.TryEstimate(FaceAligner.Template, LandmarksOf(first, 1 / s), out var fromTemplate));
        using var pyramid = new ImagePyramid(KernelSet.Default);
        var rows = new PatchRows(KernelSet.Default);
        float[] patch = new float[3 * RefinerNetwork.PatchSize * RefinerNetwork.PatchSize], expected = new float[patch.Length];
        fixed (byte* pixels = image.Pixels)
        fixed (float* cut = patch, wanted = expected)
        {
            pyramid.Begin(pixels, image.Width, image.Height);
            rows.Set(pyramid, fromTemplate);
            var reference = new PlaneRows(golden["refiner.input"], RefinerNetwork.PatchSize, RefinerNetwork.PatchSize);
            for (var y = 0; y < RefinerNetwork.PatchSize; y++)
            {
                rows.Read(y, cut + y * 3 * RefinerNetwork.PatchSize);
                reference.Read(y, wanted + y * 3 * RefinerNetwork.PatchSize);
            }
        }
        // Two JPEG decoders may differ by a grey level or two (1 / 127.5 each).
        Assert.InRange(patch.Zip(expected, (a, b) => Math.Abs(a - b)).Average() * 127.5, 0, 1);
    }

    [Fact]
    public void The_whole_chain_finds_the_reference_faces_within_a_pixel()
    {
        using var golden = new Golden("detector.safetensors");
        using ModelFile first = ReferenceModel("detector"), second = ReferenceModel("refiner");
        using var detector = new FaceDetector(first, second, new() { WorkingSize = 640 });
        var expected = golden["faces"];
        var found = detector.Detect(ImageCodec.Load(TestData.Sample("group.jpg")));
        Assert.Equal(expected.Length / 15, found.Count);
        for (var i = 0; i < found.Count; i++)
        {
            var row = expected.AsSpan(i * 15, 15);
            var wanted = LandmarksOf(row, 1);
            var face = found.MinBy(f => Distance(f.Landmarks.Nose, wanted.Nose))!;
            foreach (var (a, b) in Pairs(face.Landmarks, wanted)) Assert.InRange(Distance(a, b), 0, 1);
            foreach (var (a, b) in ((float, float)[])[
                (face.Box.Left, row[1]), (face.Box.Top, row[2]), (face.Box.Right, row[3]), (face.Box.Bottom, row[4])])
                Assert.Equal(b, a, 1.5f);
            Assert.Equal(row[0], face.Score, 0.03f);
        }
    }

    [Fact]
    public void All_eight_faces_of_the_group_are_found()
    {
        using var detector = Open();
        var image = ImageCodec.Load(TestData.Sample("group.jpg"));
        var faces = detector.Detect(image);
        Assert.Equal(8, faces.Count);
        Assert.Equal(faces.OrderByDescending(f => f.Score), faces);
        Assert.All(faces, f => Assert.InRange(f.Score, 0.5f, 1));
        Assert.All(faces, f => Assert.True(f.Landmarks.LeftEye.X < f.Landmarks.RightEye.X && f.Landmarks.LeftEye.Y < f.Landmarks.LeftMouth.Y));
        Assert.All(faces, f => Assert.True(
            f.Box.Left > -20 && f.Box.Top > -20 && f.Box.Right < image.Width + 20 && f.Box.Bottom < image.Height + 20));
    }

    [Theory]
    [InlineData(24)]
    [InlineData(40)]
    [InlineData(100)]
    [InlineData(320)]
    [InlineData(1000)]
    public void A_face_is_found_from_24_pixels_to_one_that_fills_a_large_picture(int faceWidth)
    {
        using var detector = Open();
        var portrait = ImageCodec.Load(TestData.Sample("chidi-1.jpg"));
        var original = Assert.Single(detector.Detect(portrait));
        var s = faceWidth / original.Box.Width;
        var scaled = Scale(portrait, s);
        var face = Assert.Single(detector.Detect(scaled));
        foreach (var (a, b) in Pairs(face.Landmarks, original.Landmarks))
            Assert.InRange(Distance(a, new Point((b.X + 0.5f) * s - 0.5f, (b.Y + 0.5f) * s - 0.5f)), 0, 0.06 * faceWidth);
    }

    [Fact]
    public void A_small_face_in_a_large_picture_is_found_where_it_is()
    {
        using var detector = Open();
        var portrait = ImageCodec.Load(TestData.Sample("dalia-1.jpg"));
        var original = Assert.Single(detector.Detect(portrait));
        var s = 30 / original.Box.Width;
        var small = Scale(portrait, s);
        const int width = 2600, height = 1800, left = 1290, top = 601;
        var pixels = new byte[width * height * 3];
        Array.Fill(pixels, (byte)120);
        for (var y = 0; y < small.Height; y++)
            small.Pixels.Slice(y * small.Width * 3, small.Width * 3).CopyTo(pixels.AsSpan(((top + y) * width + left) * 3));
        var face = Assert.Single(detector.Detect(new RgbImage(width, height, pixels)));
        Assert.InRange(Distance(face.Landmarks.Nose, new Point(left + original.Landmarks.Nose.X * s, top + original.Landmarks.Nose.Y * s)), 0, 2.5);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3000)]
    [InlineData(3000, 1)]
    [InlineData(31, 33)]
    [InlineData(640, 480)]
    [InlineData(1281, 641)]
    [InlineData(401, 3)]
    [InlineData(16000, 2)]
    [InlineData(5, 16000)]
    [InlineData(4161, 2300)]
    public void A_picture_of_any_size_without_a_face_gives_none(int width, int height)
    {
        using var detector = Open();
        var pixels = new byte[width * height * 3];
        Assert.Empty(detector.Detect(new RgbImage(width, height, pixels)));
        Array.Fill(pixels, (byte)255);
        Assert.Empty(detector.Detect(new RgbImage(width, height, pixels)));
    }

    [Fact]
    public void Random_pictures_never_fault_and_concurrent_calls_agree()
    {
        using var detector = Open();
        var random = new Random(3);
        for (var i = 0; i < 20; i++)
        {
            int width = random.Next(1, 400), height = random.Next(1, 400);
            var pixels = new byte[width * height * 3];
            random.NextBytes(pixels);
            detector.Detect(new RgbImage(width, height, pixels));
        }
        var image = ImageCodec.Load(TestData.Sample("group.jpg"));
        var expected = detector.Detect(image);
        Parallel.For(0, 6, _ => Assert.Equal(expected, detector.Detect(image)));
    }

    [Fact]
    public void Faces_narrower_than_the_smallest_wanted_one_are_left_out()
    {
        var image = ImageCodec.Load(TestData.Sample("group.jpg"));
        using var every = Open();
        float[] widths = [.. every.Detect(image).Select(f => f.Box.Width).Order()];
        var smallest = (int)widths[widths.Length / 2] + 1;
        using var some = Open(new() { MinFaceSize = smallest });
        var found = some.Detect(image);
        Assert.InRange(found.Count, 1, widths.Count(w => w >= smallest - 1));
        Assert.All(found, f => Assert.InRange(f.Box.Width, smallest, float.MaxValue));
        using var none = Open(new() { MinFaceSize = (int)widths[^1] + 10 });
        Assert.Empty(none.Detect(image));
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Open(new() { MinFaceSize = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Open(new() { WorkingSize = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Open(new() { MinScore = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Open(new() { MinScore = float.NaN }));
    }

    [Fact]
    public void A_recogniser_is_refused_as_a_detector_with_the_tensor_named()
    {
        using var recogniser = DefaultModels.OpenRecogniser();
        using var refiner = DefaultModels.OpenRefiner();
        Assert.Contains("stem.weight", Assert.Throws<ModelFormatException>(() => new FaceDetector(recogniser, refiner)).Message);
        Assert.Contains("edgeface-refiner.efw", Assert.Throws<ModelFormatException>(() => new FaceDetector(refiner, refiner)).Message);
    }

    /// <summary>The weights that the reference tensors were made with: version 0.</summary>
    static ModelFile ReferenceModel(string kind) => ModelFile.Open(TestData.Shared($"assets/{kind}.safetensors"));

    internal static FaceDetector Open(DetectorOptions? options = null)
    {
        using var detector = DefaultModels.OpenDetector();
        using var refiner = DefaultModels.OpenRefiner();
        return new FaceDetector(detector, refiner, options);
    }

    /// <summary>Bilinear for enlargement, area mean for reduction: independent of the detector's own resampling.</summary>
    internal static RgbImage Scale(RgbImage image, float s)
    {
        int width = (int)(image.Width * s), height = (int)(image.Height * s), taps = Math.Max(1, (int)Math.Ceiling(1 / s));
        var pixels = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                for (var c = 0; c < 3; c++)
                {
                    double sum = 0;
                    for (var i = 0; i < taps * taps; i++)
                        sum += At((x + (i % taps + 0.5) / taps) / s - 0.5, (y + (i / taps + 0.5) / taps) / s - 0.5, c);
                    pixels[(y * width + x) * 3 + c] = (byte)Math.Round(sum / (taps * taps));
                }
        return new RgbImage(width, height, pixels);

        double At(double x, double y, int c)
        {
            int x0 = (int)Math.Floor(x), y0 = (int)Math.Floor(y);
            double fx = x - x0, fy = y - y0;
            return (Pixel(x0, y0) * (1 - fx) + Pixel(x0 + 1, y0) * fx) * (1 - fy) + (Pixel(x0, y0 + 1) * (1 - fx) + Pixel(x0 + 1, y0 + 1) * fx) * fy;

            int Pixel(int px, int py)
                => image.Pixels[(Math.Clamp(py, 0, image.Height - 1) * image.Width + Math.Clamp(px, 0, image.Width - 1)) * 3 + c];
        }
    }

    static Landmarks LandmarksOf(ReadOnlySpan<float> row, double scale)
    {
        Span<Point> p = stackalloc Point[5];
        for (var i = 0; i < 5; i++) p[i] = new((float)(row[5 + 2 * i] * scale), (float)(row[6 + 2 * i] * scale));
        return new(p[0], p[1], p[2], p[3], p[4]);
    }

    static IEnumerable<(Point, Point)> Pairs(Landmarks a, Landmarks b)
        => [(a.LeftEye, b.LeftEye), (a.RightEye, b.RightEye), (a.Nose, b.Nose), (a.LeftMouth, b.LeftMouth), (a.RightMouth, b.RightMouth)];

    static double Distance(Point a, Point b) => Math.Sqrt((a.X - b.X) * (double)(a.X - b.X) + (a.Y - b.Y) * (double)(a.Y - b.Y));
}
