using EdgeFace.Kernels;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFace.Tests.Vision;

/// <summary>YuNet in the engine against the same file in ONNX Runtime.</summary>
public sealed unsafe class YuNetTests
{
    public static TheoryData<string> Sets => [.. KernelSet.Available.Select(k => k.Name)];

    static string Onnx => TestData.Shared("onnx/yunet_2026may.onnx");

    [Theory, MemberData(nameof(Sets))]
    public void Every_cell_says_what_ONNX_Runtime_says(string set)
    {
        using var model = ModelFile.Open(Onnx);
        using var network = new YuNetNetwork(model, KernelSet.ByName(set));
        using var pass = network.NewPass();
        using var session = new OnnxRun(Onnx);
        var image = ImageCodec.Load(TestData.Sample("group.jpg"));
        foreach (var (height, width) in ((int, int)[])[(512, 960), (64, 96)])
        {
            var planes = Planes(image, height, width);
            pass.Run(new PlaneRows(Reversed(planes), height, width), height, width);
            using var run = new RunOptions();
            using var input = OrtValue.CreateTensorValueFromMemory(planes, [1, 3, height, width]);
            for (int i = 0, stride = 8; i < 3; i++, stride *= 2)
            {
                using var outputs = session.Session.Run(run, ["input"], [input],
                    [$"cls_{stride}", $"obj_{stride}", $"bbox_{stride}", $"kps_{stride}"]);
                ReadOnlySpan<float> cls = outputs[0].GetTensorDataAsSpan<float>(), obj = outputs[1].GetTensorDataAsSpan<float>();
                ReadOnlySpan<float> box = outputs[2].GetTensorDataAsSpan<float>(), points = outputs[3].GetTensorDataAsSpan<float>();
                Assert.Equal(height / stride * (width / stride), cls.Length);
                for (var at = 0; at < cls.Length; at++)
                {
                    var cell = pass.Outputs[i].Row(at / (width / stride)) + at % (width / stride) * pass.Outputs[i].Step;
                    Assert.Equal(cls[at], 1 / (1 + MathF.Exp(-cell[0])), 1e-4f);
                    Assert.Equal(obj[at], 1 / (1 + MathF.Exp(-cell[1])), 1e-4f);
                    // Within a tenth of a pixel; what a cell without a face says may be a box of thousands.
                    foreach (var c in (int[])[0, 1]) Assert.Equal(box[4 * at + c] * stride, cell[2 + c] * stride, 0.1f);
                    foreach (var c in (int[])[2, 3])
                    {
                        var side = MathF.Exp(box[4 * at + c]) * stride;
                        Assert.Equal(side, MathF.Exp(cell[2 + c]) * stride, 0.1f + side * 1e-5f);
                    }
                    for (var c = 0; c < 10; c++) Assert.Equal(points[10 * at + c] * stride, cell[6 + c] * stride, 0.1f);
                }
            }
        }
    }

    [Fact]
    public void Faces_of_the_group_are_found_with_their_own_points_and_left_on_the_left()
    {
        using var model = ModelFile.Open(Onnx);
        using var detector = new FaceDetector(model);
        var image = ImageCodec.Load(TestData.Sample("group.jpg"));
        var faces = detector.Detect(image);
        Assert.Equal(8, faces.Count);
        Assert.Equal(faces.OrderByDescending(f => f.Score), faces);
        using var ours = DetectorTests.Open();
        foreach (var expected in ours.Detect(image))
        {
            var face = faces.MinBy(f => Distance(f.Landmarks.Nose, expected.Landmarks.Nose))!;
            var eyes = Distance(expected.Landmarks.LeftEye, expected.Landmarks.RightEye);
            Assert.InRange(Distance(face.Landmarks.LeftEye, expected.Landmarks.LeftEye), 0, 0.3 * eyes);
            Assert.InRange(Distance(face.Landmarks.RightMouth, expected.Landmarks.RightMouth), 0, 0.3 * eyes);
            Assert.InRange(face.Score, 0.5f, 1);
        }
    }

    [Fact]
    public void A_larger_smallest_face_or_a_working_size_looks_at_a_smaller_copy()
    {
        using var model = ModelFile.Open(Onnx);
        var image = ImageCodec.Load(TestData.Sample("group.jpg"));
        using FaceDetector whole = new(model), large = new(model, new DetectorOptions { MinFaceSize = 48 });
        using var small = new FaceDetector(model, new DetectorOptions { WorkingSize = image.Width / 2 });
        Assert.Equal(large.Detect(image), small.Detect(image).Where(f => f.Box.Width >= 48));
        Assert.NotEqual(whole.Detect(image), large.Detect(image));
        Assert.NotEmpty(large.Detect(image));
    }

    [Theory]
    [InlineData(1, 1), InlineData(1, 900), InlineData(900, 1), InlineData(31, 33), InlineData(700, 500),
        InlineData(1, 200_000), InlineData(200_000, 1)]
    public void A_picture_of_any_size_without_a_face_gives_none(int width, int height)
    {
        using var model = ModelFile.Open(Onnx);
        using var detector = new FaceDetector(model);
        Assert.Empty(detector.Detect(new RgbImage(width, height, new byte[3 * width * height])));
    }

    [Fact]
    public void The_contract_names_the_network_its_version_and_its_weights()
    {
        using ModelFile model = ModelFile.Open(Onnx), recogniser = DefaultModels.OpenRecogniser(), stage1 = DefaultModels.OpenDetector();
        using FaceDetector detector = new(model), other = DetectorTests.Open();
        using var embedder = new FaceEmbedder(recogniser);
        Assert.Equal($"yunet-2026may:{model.WeightsSha256[..8]}", detector.Version);
        Assert.Equal($"{FaceAligner.Version}+{detector.Version}", new FaceAnalyzer(detector, embedder).Contract.Aligner);
        Assert.NotEqual(new FaceAnalyzer(detector, embedder).Contract, new FaceAnalyzer(other, embedder).Contract);
        Assert.True(FaceDetector.TakesRefiner(stage1));
        Assert.False(FaceDetector.TakesRefiner(model));
        Assert.Contains("without a refiner",
            Assert.Throws<ArgumentException>(() => new FaceDetector(model, new() { AnyOrientation = true })).Message);
        Assert.Contains("first of a detector's two stages", Assert.Throws<ModelFormatException>(() => new FaceDetector(stage1)).Message);
        Assert.Contains("a recogniser", Assert.Throws<ModelFormatException>(() => new FaceDetector(recogniser)).Message);
    }

    /// <summary>Planes B, G, R of the picture's top left part, black beyond it.</summary>
    static float[] Planes(RgbImage image, int height, int width)
    {
        var planes = new float[3 * height * width];
        for (var i = 0; i < planes.Length; i++)
        {
            int x = i % width, y = i / width % height, c = 2 - i / width / height;
            if (x < image.Width && y < image.Height) planes[i] = image.Pixels[3 * (y * image.Width + x) + c];
        }
        return planes;
    }

    static float[] Reversed(float[] planes)
    {
        var plane = planes.Length / 3;
        return [.. planes[(2 * plane)..], .. planes[plane..(2 * plane)], .. planes[..plane]];
    }

    static double Distance(Point a, Point b) => Math.Sqrt((a.X - b.X) * (double)(a.X - b.X) + (a.Y - b.Y) * (double)(a.Y - b.Y));
}
