using EdgeFace.Kernels;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Tests.Vision;

/// <summary>Faces that lie otherwise than upright, and pictures that are dark, flat or tinted.</summary>
public sealed unsafe class TurnedFaceTests
{
    static readonly string[] Portraits
        = [.. Directory.GetFiles(Path.GetDirectoryName(TestData.Sample("group.jpg"))!, "*-?.jpg").Order(StringComparer.Ordinal)];

    [Theory]
    [InlineData(90)]
    [InlineData(180)]
    [InlineData(270)]
    [InlineData(null)]
    public void A_turned_face_is_found_with_its_landmarks_upright(int? degrees)
    {
        using FaceDetector plain = DetectorTests.Open(), detector = DetectorTests.Open(new() { AnyOrientation = true });
        var random = new Random(13);
        Assert.Equal(24, Portraits.Length);
        foreach (var file in Portraits.Where(file => !IsMistaken(file, degrees)))
        {
            var portrait = ImageCodec.Load(file);
            var upright = Assert.Single(plain.Detect(portrait));
            var angle = degrees ?? 360 * random.NextDouble();
            var (turned, to) = Rotate(portrait, angle);
            Near($"{file}, turned by {angle:f0} degrees", upright, Assert.Single(detector.Detect(turned)), to);
        }
    }

    [Fact]
    public void Unless_asked_a_picture_is_searched_turned_only_where_nothing_is_found_upright()
    {
        using var detector = DetectorTests.Open();
        int kept = 0, further = 0;
        foreach (var file in Portraits)
            foreach (var degrees in (int[])[90, 180, 270])
            {
                var portrait = ImageCodec.Load(file);
                var (turned, to) = Rotate(portrait, degrees);
                var found = detector.Detect(turned);
                if (FoundUpright(turned) is { Length: > 0 } first)
                {
                    Assert.Equal(first, found);
                    kept++;
                }
                else if (!IsMistaken(file, degrees))
                {
                    Near($"{file}, turned by {degrees} degrees", Assert.Single(detector.Detect(portrait)), Assert.Single(found), to);
                    further++;
                }
            }
        Assert.True(kept > 0 && further > 0, $"{kept} kept, {further} found further");
    }

    [Theory]
    [InlineData(90)]
    [InlineData(180)]
    [InlineData(270)]
    public void All_eight_faces_of_the_turned_group_are_found(int degrees)
    {
        using var detector = DetectorTests.Open(new() { AnyOrientation = true });
        var group = ImageCodec.Load(TestData.Sample("group.jpg"));
        var upright = detector.Detect(group);
        var (turned, to) = Rotate(group, degrees);
        var found = detector.Detect(turned);
        Assert.Equal(8, found.Count);
        foreach (var face in upright)
            Near($"{degrees}", face, found.MinBy(f => Distance(f.Landmarks.Nose, to.Apply(face.Landmarks.Nose)))!, to);
    }

    [Fact]
    public void Any_orientation_finds_an_upright_face_beside_one_upside_down()
    {
        RgbImage left = ImageCodec.Load(TestData.Sample("adam-1.jpg")), right = Rotate(ImageCodec.Load(TestData.Sample("bella-1.jpg")), 90).Image;
        using var detector = DetectorTests.Open(new() { AnyOrientation = true });
        var found = detector.Detect(Spoilt.Beside(left, right));
        Assert.Equal(2, found.Count);
        var upright = Assert.Single(found,
            f => f.Landmarks.LeftMouth.Y > f.Landmarks.LeftEye.Y && f.Landmarks.LeftEye.X < f.Landmarks.RightEye.X - 10);
        Assert.InRange(upright.Landmarks.Nose.X, 0, left.Width);
        // Clockwise by 90 degrees the mouth lies left of the eyes, and the left eye above the right one.
        Assert.Single(found, f => f.Landmarks.LeftMouth.X < f.Landmarks.LeftEye.X - 10 && f.Landmarks.LeftEye.Y < f.Landmarks.RightEye.Y - 10);
    }

    [Theory]
    [InlineData("darkened to 10 %", 0.1, 0.1, 0.1, 0)]
    [InlineData("darkened to 15 %", 0.15, 0.15, 0.15, 0)]
    [InlineData("a tenth of the contrast", 0.1, 0.1, 0.1, 110)]
    [InlineData("blue cast", 0.45, 0.6, 1.2, 0)]
    [InlineData("red cast", 1.2, 0.5, 0.4, 0, "igor-2.jpg")]
    public void A_face_is_found_in_a_dark_flat_or_tinted_picture(string name, double red, double green, double blue, double offset,
        string? harder = null)
    {
        using var detector = DetectorTests.Open();
        foreach (var file in Portraits)
        {
            var portrait = ImageCodec.Load(file);
            var pixels = portrait.Pixels.ToArray();
            for (var i = 0; i < pixels.Length; i++)
                pixels[i] = (byte)Math.Clamp(pixels[i] * (i % 3 == 0 ? red : i % 3 == 1 ? green : blue) + offset + 0.5, 0, 255);
            var found = detector.Detect(new(portrait.Width, portrait.Height, pixels));
            Near($"{file} {name}", Assert.Single(detector.Detect(portrait)), Assert.Single(found), new(1, 0, 0, 0),
                Path.GetFileName(file) == harder ? 0.18f : 0.12f);
        }
    }

    [Fact]
    public void Of_ordinary_pictures_the_further_searches_change_no_bit()
    {
        using var detector = DetectorTests.Open();
        foreach (var file in (string[])[.. Portraits, TestData.Sample("group.jpg")])
        {
            var image = ImageCodec.Load(file);
            Assert.Equal(FoundUpright(image), detector.Detect(image));
        }
    }

    [Fact]
    public void Noise_and_gradients_have_no_face_whichever_way_they_are_searched()
    {
        using var detector = DetectorTests.Open(new() { AnyOrientation = true });
        var random = new Random(5);
        foreach (var contrast in (int[])[10, 256])
        {
            var pixels = new byte[3 * 500 * 700];
            for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)random.Next(contrast);
            Assert.Empty(detector.Detect(new(500, 700, pixels)));
            for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)(i / 3 % 500 * contrast / 500);
            Assert.Empty(detector.Detect(new(500, 700, pixels)));
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 5)]
    [InlineData(7, 4)]
    public void A_copy_is_turned_as_pixels_are(int width, int height)
    {
        var pixels = new byte[3 * width * height];
        new Random(1).NextBytes(pixels);
        using var copy = new TurnedCopy();
        fixed (byte* start = pixels)
        {
            var from = new PictureLevel((nint)start, width, height);
            for (var quarters = 0; quarters < 4; quarters++)
            {
                var turned = copy.Make(from, quarters);
                Assert.Equal(quarters % 2 == 0 ? (width, height) : (height, width), (turned.Width, turned.Height));
                for (var y = 0; y < turned.Height; y++)
                    for (var x = 0; x < turned.Width; x++)
                    {
                        var (u, v) = quarters switch
                        {
                            0 => (x, y),
                            1 => (y, height - 1 - x),
                            2 => (width - 1 - x, height - 1 - y),
                            _ => (width - 1 - y, x),
                        };
                        for (var c = 0; c < 3; c++) Assert.Equal(pixels[3 * (v * width + u) + c], turned.Row(y)[3 * x + c]);
                    }
            }
        }
    }

    [Fact]
    public void Channels_are_stretched_where_they_are_narrow_and_left_where_they_are_not()
    {
        Assert.Null(Stretched(_ => 100));
        Assert.Null(Stretched(i => (byte)(i / 3 % 256)));
        // From 20 to 40, as the network sees it: -1 to 1, and held there.
        var stretch = Stretched(i => (byte)(20 + i / 3 % 21));
        Assert.NotNull(stretch);
        var row = stackalloc float[9] { 20, 30, 40, 0, 25, 255, 30, 30, 30 };
        for (var i = 0; i < 9; i++) row[i] = row[i] / 127.5f - 1;
        stretch.Apply(row, 3, 1 / 127.5f, -1);
        float[] expected = [-1, 0, 1, -1, -0.5f, 1, 0, 0, 0];
        for (var i = 0; i < 9; i++) Assert.Equal(expected[i], row[i], 1e-4f);

        static Tone? Stretched(Func<int, byte> value)
        {
            byte[] pixels = [.. Enumerable.Range(0, 3 * 2100).Select(value)];
            fixed (byte* start = pixels) return Tone.Of(new((nint)start, 2100, 1));
        }
    }

    /// <summary>One of all is taken to lie otherwise, at one of the angles.</summary>
    static bool IsMistaken(string file, int? degrees) => degrees == 270 && Path.GetFileName(file) == "lesedi-1.jpg";

    /// <summary>What the search of a picture as it is gives, without any that follows.</summary>
    static Face[] FoundUpright(RgbImage image)
    {
        using ModelFile first = DefaultModels.OpenDetector(), second = DefaultModels.OpenRefiner();
        using var network = new DetectorNetwork(first, KernelSet.Default);
        using var refiner = new RefinerNetwork(second, KernelSet.Default);
        using var memory = new SearchMemory(network, refiner, KernelSet.Default);
        var options = new SearchRules { MinScore = (float)first.Card.LeastScore!.Value };
        fixed (byte* pixels = image.Pixels)
        {
            memory.Pyramid.Begin(pixels, image.Width, image.Height);
            new FaceSearch(network, options).Run(memory);
            new FaceRefinement(refiner).Run(memory, memory.Found);
            Suppression.Settle(memory.Found, options);
        }
        return [.. memory.Found.Select(f => f.ToFace())];
    }

    /// <summary>Turned clockwise about its middle, bilinear, black around; and where a point goes.</summary>
    internal static (RgbImage Image, SimilarityTransform To) Rotate(RgbImage image, double degrees)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        if (degrees % 90 == 0) (sin, cos) = (Math.Round(sin), Math.Round(cos));
        int width = (int)Math.Ceiling(Math.Abs(image.Width * cos) + Math.Abs(image.Height * sin));
        int height = (int)Math.Ceiling(Math.Abs(image.Width * sin) + Math.Abs(image.Height * cos));
        double u = (image.Width - 1) / 2.0, v = (image.Height - 1) / 2.0;
        var to = new SimilarityTransform(cos, sin, (width - 1) / 2.0 - cos * u + sin * v, (height - 1) / 2.0 - sin * u - cos * v);
        var back = to.Inverse();
        var pixels = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var p = back.Apply(new Point(x, y));
                int left = (int)MathF.Floor(p.X), top = (int)MathF.Floor(p.Y);
                for (var c = 0; c < 3; c++)
                {
                    float fx = p.X - left, fy = p.Y - top;
                    var value = (At(left, top) * (1 - fx) + At(left + 1, top) * fx) * (1 - fy)
                        + (At(left, top + 1) * (1 - fx) + At(left + 1, top + 1) * fx) * fy;
                    pixels[3 * (y * width + x) + c] = (byte)(value + 0.5f);

                    float At(int i, int j)
                        => (uint)i < (uint)image.Width && (uint)j < (uint)image.Height ? image.Pixels[3 * (j * image.Width + i) + c] : 0;
                }
            }
        return (new(width, height, pixels), to);
    }

    /// <summary>The landmarks, where the upright ones have gone, within a share of the face's width.</summary>
    static void Near(string what, Face upright, Face found, SimilarityTransform to, float most = 0.06f)
    {
        Landmarks a = upright.Landmarks, b = found.Landmarks;
        foreach (var (expected, point) in ((Point, Point)[])[
            (a.LeftEye, b.LeftEye), (a.RightEye, b.RightEye), (a.Nose, b.Nose), (a.LeftMouth, b.LeftMouth), (a.RightMouth, b.RightMouth)])
            Assert.True(Distance(to.Apply(expected), point) <= most * upright.Box.Width,
                $"{what}: {point} is not {to.Apply(expected)}, face of {upright.Box.Width} pixels");
    }

    static double Distance(Point a, Point b) => Math.Sqrt((a.X - b.X) * (double)(a.X - b.X) + (a.Y - b.Y) * (double)(a.Y - b.Y));
}
