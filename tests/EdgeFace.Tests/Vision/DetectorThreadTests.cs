using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Vision;

/// <summary>A detector under many callers, and disposed of meanwhile.</summary>
public sealed class DetectorThreadTests
{
    static readonly RgbImage Photo = ImageCodec.Load(TestData.Sample("adam-1.jpg"));

    static FaceDetector Open()
    {
        using ModelFile detector = DefaultModels.OpenDetector(), refiner = DefaultModels.OpenRefiner();
        return new(detector, refiner, new() { WorkingSize = 256 });
    }

    [Fact]
    public void A_burst_of_callers_shares_a_bounded_number_of_working_memories()
    {
        using var detector = Open();
        var expected = detector.Detect(Photo);
        Assert.Single(expected);
        using var start = new Barrier(40);
        Threads.Run(40, _ =>
        {
            start.SignalAndWait();
            Assert.Equal(expected, detector.Detect(Photo));
        });
        Assert.InRange(detector.MemoryCount, 1, Environment.ProcessorCount);
    }

    [Fact]
    public void A_disposed_detector_ends_the_calls_in_progress_right_and_refuses_the_others()
    {
        const int callers = 6;
        for (var round = 0; round < 5; round++)
        {
            var detector = Open();
            var expected = detector.Detect(Photo);
            using var running = new CountdownEvent(callers);
            Threads.Run(callers + 1, thread =>
            {
                if (thread == callers)
                {
                    running.Wait();
                    detector.Dispose();
                    return;
                }
                running.Signal();
                try
                {
                    for (;;) Assert.Equal(expected, detector.Detect(Photo));
                }
                catch (ObjectDisposedException)
                {
                }
            });
            Assert.Throws<ObjectDisposedException>(() => detector.Detect(Photo));
            detector.Dispose();
        }
    }
}
