using System.Globalization;
using EdgeFace.Models;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Models;

/// <summary>An embedder under many callers: for long, in bursts, and disposed of meanwhile.</summary>
[Collection(typeof(RunsAlone))]
public sealed class SoakTests(ITestOutputHelper output)
{
    const string Seconds = "EDGEFACE_SOAK_SECONDS";
    const int Crops = 12, Callers = 12, BatchSize = 5;

    // Fragments of the heaps and stacks move the working set by a few MB; one leaked working memory per call would take GBs.
    const long MostGrowth = 24 << 20;

    static readonly int MostScratches = 4 * Environment.ProcessorCount;

    [Fact]
    public void Callers_of_every_kind_get_the_bits_of_a_lone_one_and_memory_does_not_grow()
    {
        var seconds = double.Parse(Environment.GetEnvironmentVariable(Seconds) ?? "10", CultureInfo.InvariantCulture);
        using var model = DefaultModels.OpenRecogniser();
        using FaceEmbedder plain = new(model, new() { BatchThreads = 2 }), mirror = new(model, new() { MirrorSum = true, BatchThreads = 2 });
        var crops = Pixels();
        float[][] expected = [OneByOne(plain, crops), OneByOne(mirror, crops)];
        long calls = 0;
        var memory = new long[5];
        for (var part = 0; part < memory.Length; part++)
        {
            calls += Run(seconds / memory.Length);
            memory[part] = Memory();
            output.WriteLine($"{calls:N0} calls of {Callers} threads: working set {memory[part] / 1e6:f1} MB, "
                + $"{plain.ScratchCount} and {mirror.ScratchCount} working memories");
        }
        // The first part warms up.
        Assert.InRange(memory[^1] - memory[0], long.MinValue, MostGrowth);
        Assert.InRange(plain.ScratchCount, 2, MostScratches);
        Assert.InRange(mirror.ScratchCount, 1, MostScratches);

        long Run(double length)
        {
            var end = Environment.TickCount64 + (long)(1000 * length);
            long done = 0;
            Threads.Run(Callers, thread =>
            {
                var random = new Random(thread);
                var found = new float[Crops * EdgeFaceConfig.EmbeddingSize];
                do
                {
                    var kind = random.Next(2);
                    int count = random.Next(2) == 0 ? 1 : BatchSize, first = random.Next(Crops - count + 1);
                    var batch = found.AsSpan(0, count * EdgeFaceConfig.EmbeddingSize);
                    (kind == 0 ? plain : mirror)
                        .EmbedBatch(crops.AsSpan(first * FaceEmbedder.CropBytes, count * FaceEmbedder.CropBytes), count, batch);
                    Assert.True(batch.SequenceEqual(expected[kind].AsSpan(first * EdgeFaceConfig.EmbeddingSize, batch.Length)),
                        $"{count} crops from {first} on differ, mirror {kind}");
                    Interlocked.Increment(ref done);
                }
                while (Environment.TickCount64 < end);
            });
            return done;
        }
    }

    [Fact]
    public void A_burst_of_callers_shares_a_bounded_number_of_working_memories()
    {
        using var model = DefaultModels.OpenRecogniser();
        using var embedder = new FaceEmbedder(model, new() { BatchThreads = 3 });
        var crops = Pixels();
        var expected = OneByOne(embedder, crops);
        using var start = new Barrier(200);
        Threads.Run(200, thread =>
        {
            var count = 1 + thread % 2 * 3;
            var found = new float[count * EdgeFaceConfig.EmbeddingSize];
            start.SignalAndWait();
            embedder.EmbedBatch(crops.AsSpan(0, count * FaceEmbedder.CropBytes), count, found);
            Assert.True(found.AsSpan().SequenceEqual(expected.AsSpan(0, found.Length)));
        });
        Assert.InRange(embedder.ScratchCount, 2, MostScratches);
    }

    [Fact]
    public void A_disposed_embedder_ends_the_calls_in_progress_right_and_refuses_the_others()
    {
        using var model = DefaultModels.OpenRecogniser();
        var crops = Pixels();
        for (var round = 0; round < 10; round++)
        {
            var embedder = new FaceEmbedder(model, new() { MirrorSum = round % 2 == 1, BatchThreads = 2 });
            var expected = OneByOne(embedder, crops);
            using var running = new CountdownEvent(Callers);
            Threads.Run(Callers + 1, thread =>
            {
                if (thread == Callers)
                {
                    running.Wait();
                    embedder.Dispose();
                    return;
                }
                var count = thread % 2 == 0 ? 1 : BatchSize;
                var found = new float[count * EdgeFaceConfig.EmbeddingSize];
                running.Signal();
                try
                {
                    for (;;)
                    {
                        embedder.EmbedBatch(crops.AsSpan(0, count * FaceEmbedder.CropBytes), count, found);
                        Assert.True(found.AsSpan().SequenceEqual(expected.AsSpan(0, found.Length)));
                    }
                }
                catch (ObjectDisposedException)
                {
                }
            });
        }
    }

    [Fact]
    public void A_pool_at_its_limit_lets_a_caller_wait_until_one_is_returned()
    {
        var network = EdgeFaceVariants.Find("edgeface_xxs")!;
        using var pool = new BoundedPool<Scratch>(limit: 1, () => new(network, images: 1));
        var only = pool.Take();
        Scratch? second = null;
        var waiting = new Thread(() => second = pool.Take());
        waiting.Start();
        while ((waiting.ThreadState & (ThreadState.WaitSleepJoin | ThreadState.Stopped)) == 0) Thread.Yield();
        Assert.Null(second);
        pool.Return(only);
        waiting.Join();
        Assert.Same(only, second);
        Assert.Equal(1, pool.Count);
        pool.Return(only);
    }

    static byte[] Pixels()
    {
        var crops = new byte[Crops * FaceEmbedder.CropBytes];
        new Random(6).NextBytes(crops);
        return crops;
    }

    /// <summary>What one thread gets, crop by crop.</summary>
    static float[] OneByOne(FaceEmbedder embedder, byte[] crops)
    {
        var embeddings = new float[Crops * EdgeFaceConfig.EmbeddingSize];
        for (var i = 0; i < Crops; i++)
            embedder.Embed(crops.AsSpan(i * FaceEmbedder.CropBytes, FaceEmbedder.CropBytes),
                embeddings.AsSpan(i * EdgeFaceConfig.EmbeddingSize, EdgeFaceConfig.EmbeddingSize));
        return embeddings;
    }

    static long Memory()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return Environment.WorkingSet;
    }
}
