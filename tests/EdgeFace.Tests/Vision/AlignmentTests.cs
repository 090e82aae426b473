using System.Text.Json;
using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Vision;

public sealed class AlignmentTests
{
    public static IEnumerable<(string Photo, string Crop, Landmarks Landmarks, float[] Embedding)> ReferenceFaces()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(TestData.Shared("goldens/photos/photos.json")));
        return [.. from photo in json.RootElement.EnumerateArray()
                   from face in photo.GetProperty("faces").EnumerateArray()
                   select (
                       photo.GetProperty("photo").GetString()!,
                       face.GetProperty("crop").GetString()!,
                       Five(face.GetProperty("landmarks_xy")),
                       Floats(face.GetProperty("embedding_xs_q_float")))];

        static Landmarks Five(JsonElement xy)
        {
            var p = xy.EnumerateArray().Select(e => new Point(e[0].GetSingle(), e[1].GetSingle())).ToArray();
            return new(p[0], p[1], p[2], p[3], p[4]);
        }

        static float[] Floats(JsonElement values) => [.. values.EnumerateArray().Select(v => v.GetSingle())];
    }

    [Fact]
    public void Crops_and_embeddings_agree_with_the_reference_at_its_landmarks()
    {
        using var model = ModelFile.Open(TestData.Shared("models/edgeface_xs_q.pt"));
        using var embedder = new FaceEmbedder(model);
        var crop = new byte[FaceEmbedder.CropBytes];
        var vector = new float[EdgeFaceConfig.EmbeddingSize];
        var faces = 0;
        foreach (var (photo, file, landmarks, embedding) in ReferenceFaces())
        {
            var image = ImageCodec.Load(TestData.Shared($"goldens/photos/{photo}"));
            var expected = ImageCodec.Load(TestData.Shared($"goldens/photos/{file}")).Pixels.ToArray();
            FaceAligner.Align(image, landmarks, crop);
            var difference = crop.Zip(expected, (a, b) => Math.Abs(a - b)).Average();
            Assert.True(difference <= 1, $"{file}: mean absolute difference {difference:f3} grey levels");
            embedder.Embed(crop, vector);
            var cosine = Reference.Cosine(embedding, vector);
            Assert.True(cosine >= 0.999, $"{file}: cosine {cosine:f6}");
            faces++;
        }
        Assert.Equal(12, faces);
    }

    [Fact]
    public void A_similarity_is_recovered_from_the_points_it_moved()
    {
        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            double angle = random.NextDouble() * 7, scale = Math.Exp(random.NextDouble() * 6 - 3);
            var truth = new SimilarityTransform(
                scale * Math.Cos(angle), scale * Math.Sin(angle), random.NextDouble() * 900, random.NextDouble() * 900);
            Assert.True(FaceAligner.TryEstimate(FaceAligner.Template, Move(FaceAligner.Template, truth), out var found));
            Assert.Equal(truth.A, found.A, 1e-4 * scale);
            Assert.Equal(truth.B, found.B, 1e-4 * scale);
            var there = found.Apply(new Point(10, 90));
            var back = found.Inverse().Apply(there);
            Assert.Equal(10, back.X, 1e-2 + 1e-3 / scale);
            Assert.Equal(90, back.Y, 1e-2 + 1e-3 / scale);
        }
    }

    [Fact]
    public void The_estimate_is_the_least_squares_one_and_never_mirrors()
    {
        // Mirrored points: the best similarity without a reflection cannot reach them, but no small change of it may come nearer.
        var t = FaceAligner.Template;
        var mirrored = new Landmarks(Mirror(t.LeftEye), Mirror(t.RightEye), Mirror(t.Nose), Mirror(t.LeftMouth), Mirror(t.RightMouth));
        Assert.True(FaceAligner.TryEstimate(mirrored, t, out var best));
        var least = Error(best);
        Assert.True(least > 1);
        foreach (var step in (double[])[-0.1, 0.1])
            foreach (var other in (SimilarityTransform[])[
                best with { A = best.A + step },
                best with { B = best.B + step },
                best with { Tx = best.Tx + step },
                best with { Ty = best.Ty + step }])
                Assert.True(Error(other) > least);

        double Error(SimilarityTransform m)
        {
            var moved = Move(mirrored, m);
            return Square(moved.LeftEye, t.LeftEye) + Square(moved.RightEye, t.RightEye) + Square(moved.Nose, t.Nose)
                + Square(moved.LeftMouth, t.LeftMouth) + Square(moved.RightMouth, t.RightMouth);
        }
        static Point Mirror(Point p) => new(111 - p.X, p.Y);
        static double Square(Point a, Point b) => (a.X - b.X) * (double)(a.X - b.X) + (a.Y - b.Y) * (double)(a.Y - b.Y);
    }

    [Fact]
    public void The_template_itself_copies_the_picture_and_what_lies_outside_is_black()
    {
        var pixels = new byte[112 * 112 * 3];
        new Random(5).NextBytes(pixels);
        var image = new RgbImage(112, 112, pixels);
        var crop = new byte[FaceEmbedder.CropBytes];
        FaceAligner.Align(image, FaceAligner.Template, crop);
        Assert.Equal(pixels, crop);
        FaceAligner.Align(image, Move(FaceAligner.Template, new(1, 0, 40, 0)), crop);
        for (var y = 0; y < 112; y++)
            for (var x = 0; x < 112; x++)
                for (var c = 0; c < 3; c++)
                    Assert.Equal(x + 40 < 112 ? pixels[(y * 112 + x + 40) * 3 + c] : 0, crop[(y * 112 + x) * 3 + c]);
    }

    public static TheoryData<int, int, double> Sizes => new()
    {
        { 150, 130, 0.3 }, { 150, 130, 1 }, { 150, 130, 1.99 }, { 301, 299, 2 }, { 301, 299, 3.7 },
        { 640, 517, 4.1 }, { 1003, 601, 9.3 }, { 1500, 40, 33 },
        { 3, 2000, 100 }, { 7, 7, 1e6 }, { 1, 1, 3 },
    };

    [Theory, MemberData(nameof(Sizes))]
    public void Crops_are_bilinear_in_the_picture_or_in_means_of_its_pixels_to_the_bit(int width, int height, double scale)
    {
        var random = new Random(width);
        var pixels = new byte[3 * width * height];
        random.NextBytes(pixels);
        var image = new RgbImage(width, height, pixels);
        var crop = new byte[FaceEmbedder.CropBytes];
        for (var i = 0; i < 20; i++)
        {
            // Turned by any angle, its middle anywhere in the picture: parts of it, or all, lie outside.
            double angle = random.NextDouble() * 7, a = scale * Math.Cos(angle), b = scale * Math.Sin(angle);
            double x = random.NextDouble() * width, y = random.NextDouble() * height;
            var landmarks = Move(FaceAligner.Template, new(a, b, x - (a * 56 - b * 56), y - (b * 56 + a * 56)));
            FaceAligner.Align(image, landmarks, crop);
            Assert.True(FaceAligner.TryEstimate(FaceAligner.Template, landmarks, out var transform));
            Assert.Equal(CropOf(image, transform), crop);
        }
    }

    [Fact]
    public void Stripes_finer_than_a_pixel_of_the_crop_are_grey()
    {
        var image = new RgbImage(1000, 1000, [.. Enumerable.Range(0, 3_000_000).Select(i => (byte)(i / 3 % 1000 % 2 * 255))]);
        var crop = new byte[FaceEmbedder.CropBytes];
        foreach (var scale in (double[])[2.01, 2.6, 4.01, 7.9])
        {
            FaceAligner.Align(image, Move(FaceAligner.Template, new(scale, 0, 5, 5)), crop);
            Assert.All(crop, value => Assert.Equal(128, value));
        }
    }

    [Fact]
    public void A_crop_of_a_large_face_copies_no_picture()
    {
        var image = new RgbImage(3000, 3000, new byte[27_000_000]);
        var crop = new byte[FaceEmbedder.CropBytes];
        FaceAligner.Align(image, Move(FaceAligner.Template, new(20, 5, 500, 100)), crop);
        var before = GC.GetAllocatedBytesForCurrentThread();
        FaceAligner.Align(image, Move(FaceAligner.Template, new(20, 5, 500, 100)), crop);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    /// <summary>As docs/detector.md says, pixel by pixel.</summary>
    static byte[] CropOf(RgbImage image, SimilarityTransform transform)
    {
        var level = 0;
        while (level < 8 && transform.Scale / (1 << level) >= 2 && Math.Min(image.Width, image.Height) >> (level + 1) >= 2) level++;
        var side = 1 << level;
        var crop = new byte[FaceEmbedder.CropBytes];
        for (var i = 0; i < crop.Length; i++)
        {
            int y = i / 336, x = i % 336 / 3, c = i % 3;
            var at = transform.At(level);
            double px = at.A * x - at.B * y + at.Tx, py = at.B * x + at.A * y + at.Ty,
                left = Math.Floor(px), top = Math.Floor(py), fx = px - left, fy = py - top;
            if (!(px > -1 && py > -1 && px < image.Width >> level && py < image.Height >> level)) continue;
            double upper = Mean(left, top, c) * (1 - fx) + Mean(left + 1, top, c) * fx,
                lower = Mean(left, top + 1, c) * (1 - fx) + Mean(left + 1, top + 1, c) * fx;
            crop[i] = (byte)(upper * (1 - fy) + lower * fy + 0.5);
        }
        // Means of noise are flat.
        CropTone.Stretch(crop);
        return crop;

        int Mean(double x, double y, int c)
        {
            if (x < 0 || y < 0 || x >= image.Width >> level || y >= image.Height >> level) return 0;
            var sum = 0;
            for (var i = 0; i < side * side; i++)
                sum += image.Pixels[3 * (((int)y * side + i / side) * image.Width + (int)x * side + i % side) + c];
            return (sum + side * side / 2) >> 2 * level;
        }
    }

    [Fact]
    public void Landmarks_without_extent_or_not_finite_are_refused()
    {
        var image = new RgbImage(1, 1, [1, 2, 3]);
        var crop = new byte[FaceEmbedder.CropBytes];
        var p = new Point(5, 5);
        Assert.Throws<ArgumentException>(() => FaceAligner.Align(image, new(p, p, p, p, p), crop));
        Assert.Throws<ArgumentException>(() => FaceAligner.Align(image, FaceAligner.Template with { Nose = new(float.NaN, 0) }, crop));
        Assert.Throws<ArgumentException>(() => FaceAligner.Align(image, FaceAligner.Template, crop.AsSpan(1)));
        FaceAligner.Align(image, FaceAligner.Template, crop);
    }

    static Landmarks Move(Landmarks l, SimilarityTransform m)
        => new(m.Apply(l.LeftEye), m.Apply(l.RightEye), m.Apply(l.Nose), m.Apply(l.LeftMouth), m.Apply(l.RightMouth));
}
