using EdgeFace.Kernels;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;
using EdgeFace.Vision.Detection.Maps;

namespace EdgeFace.Tests.Vision;

/// <summary>Networks that are computed row by row.</summary>
public sealed unsafe class NetworkPassTests
{
    static readonly (int Height, int Width)[] Sizes = [(32, 32), (640, 640), (480, 640), (32, 1024), (2048, 32), (96, 64)];

    [Fact]
    public void Rows_that_are_kept_suffice_for_pictures_of_every_shape()
    {
        using var model = DefaultModels.OpenDetector();
        using var network = new DetectorNetwork(model, KernelSet.Default);
        Compare(network);
    }

    [Fact]
    public void Rows_that_are_kept_suffice_for_YuNet_too()
    {
        using var model = ModelFile.Open(TestData.Shared("onnx/yunet_2026may.onnx"));
        using var network = new YuNetNetwork(model, KernelSet.Default);
        Compare(network);
    }

    /// <summary>A pass that keeps few rows against one that keeps all, bit by bit; each is used for all sizes in turn.</summary>
    static void Compare(IDetectorNetwork network)
    {
        using NetworkPass few = network.NewPass(), all = network.NewPass();
        foreach (var map in all.Maps) map.Whole = true;
        var random = new Random(1);
        foreach (var (height, width) in Sizes)
        {
            var planes = Enumerable.Range(0, 3 * height * width).Select(_ => (float)random.NextDouble()).ToArray();
            var pixels = new PlaneRows(planes, height, width);
            few.Run(pixels, height, width);
            all.Run(pixels, height, width);
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal((height / (8 << i), width / (8 << i)), (few.Outputs[i].Height, few.Outputs[i].Width));
                for (var y = 0; y < few.Outputs[i].Height; y++)
                    Assert.True(Row(few.Outputs[i], y).SequenceEqual(Row(all.Outputs[i], y)), $"{height} x {width}, output {i}, row {y}");
            }
        }
    }

    static ReadOnlySpan<float> Row(RowMap map, int y) => new(map.Row(y), map.Width * map.Step);

    [Fact]
    public void A_row_that_is_gone_is_an_error_and_not_another_row()
    {
        using var model = DefaultModels.OpenDetector();
        using var network = new DetectorNetwork(model, KernelSet.Default);
        using var pass = network.NewPass();
        pass.Run(new PlaneRows(new float[3 * 64 * 64], 64, 64), 64, 64);
        Assert.Contains("stem", Assert.Throws<InvalidOperationException>(() => pass.Maps.Single(m => m.Name == "stem").Row(0)).Message);
    }

    [Fact]
    public void A_search_allocates_its_result_alone()
    {
        using var detector = DetectorTests.Open();
        var empty = new RgbImage(700, 500, new byte[3 * 700 * 500]);
        var group = ImageCodec.Load(TestData.Sample("group.jpg"));
        for (var i = 0; i < 3; i++) _ = (detector.Detect(empty), detector.Detect(group));
        Assert.InRange(Allocated(() => detector.Detect(empty)), 0, 200);
        // Eight faces of some 80 bytes and their array.
        Assert.InRange(Allocated(() => detector.Detect(group)), 1, 1200);
    }

    static long Allocated(Action run)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        run();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
