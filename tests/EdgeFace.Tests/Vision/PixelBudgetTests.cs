using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Vision;

/// <summary>The room that pictures in memory share.</summary>
public sealed class PixelBudgetTests
{
    [Fact]
    public void Never_more_pictures_or_pixels_than_there_is_room_for_and_all_get_their_turn()
    {
        const int pictures = 3;
        const long pixels = 100;
        var budget = new PixelBudget(pictures, pixels);
        var gate = new Lock();
        long held = 0, given = 0;
        var count = 0;
        Thread[] threads = [.. Enumerable.Range(0, 12).Select(t => new Thread(() =>
        {
            var random = new Random(t);
            for (var i = 0; i < 200; i++)
            {
                // One of ten is larger than the whole budget.
                var size = random.Next(10) == 0 ? 250 : random.Next(1, 60);
                using var lease = budget.Take(size);
                lock (gate)
                {
                    (count, held, given) = (count + 1, held + size, given + 1);
                    if (count > pictures || held > pixels && count > 1) given = -1_000_000;
                }
                Thread.Yield();
                lock (gate) (count, held) = (count - 1, held - size);
            }
        }))];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Assert.Equal(12 * 200, given);
        Assert.Equal(0, budget.Held);
    }

    [Fact]
    public void Small_ones_do_not_pass_a_large_one_that_waits()
    {
        var budget = new PixelBudget(4, 85);
        var order = new List<int>();
        Thread Waiting(int size)
        {
            var thread = new Thread(() =>
            {
                using var lease = budget.Take(size);
                lock (order) order.Add(size);
            });
            thread.Start();
            while ((thread.ThreadState & (ThreadState.WaitSleepJoin | ThreadState.Stopped)) == 0) Thread.Yield();
            return thread;
        }
        Thread large, small;
        using (budget.Take(50)) (large, small) = (Waiting(80), Waiting(10));
        large.Join();
        small.Join();
        Assert.Equal([80, 10], order);
    }

    [Fact]
    public void Within_a_lease_a_thread_takes_no_other()
    {
        var budget = new PixelBudget(1, 10);
        using (budget.Take(10))
        {
            using (budget.Take(10)) Assert.Equal(1, budget.Held);
            Assert.Equal(1, budget.Held);
        }
        Assert.Equal(0, budget.Held);
        using (budget.Take(10)) Assert.Equal(1, budget.Held);
    }

    [Fact]
    public void A_leased_picture_is_the_decoded_one_and_its_pixels_end_with_it()
    {
        RgbImage image;
        using (var leased = ImageCodec.Lease(TestData.Sample("adam-1.jpg")))
        {
            image = leased.Image;
            Assert.True(image.Pixels.SequenceEqual(ImageCodec.Load(TestData.Sample("adam-1.jpg")).Pixels));
        }
        Assert.Throws<ObjectDisposedException>(() => image.Pixels.Length);
    }

    [Fact]
    public void A_picture_that_cannot_be_decoded_leaves_its_room()
    {
        // More often than there is room for, on one thread, which would wait for ever.
        var cut = File.ReadAllBytes(TestData.Sample("adam-1.jpg"));
        cut.AsSpan(cut.Length / 4, cut.Length / 2).Clear();
        for (var i = 0; i < 2 * Environment.ProcessorCount + 1; i++)
            try
            {
                _ = ImageCodec.Decode(cut);
            }
            catch (ImageFormatException)
            {
            }
        _ = ImageCodec.Load(TestData.Sample("adam-1.jpg"));
    }

    [Fact]
    public async Task Who_waits_is_let_go_and_those_behind_get_their_turn()
    {
        var budget = new PixelBudget(2, 100);
        await budget.ReserveAsync(60, TestContext.Current.CancellationToken);
        using var source = new CancellationTokenSource();
        Task large = budget.ReserveAsync(90, source.Token), small = budget.ReserveAsync(30, TestContext.Current.CancellationToken);
        Assert.False(large.IsCompleted || small.IsCompleted);
        source.Cancel();
        Assert.Equal(source.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large)).CancellationToken);
        await small.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal(2, budget.Held);
        budget.Hold(60).Dispose();
        budget.Hold(30).Dispose();
        Assert.Equal(0, budget.Held);
    }

    [Fact]
    public void Waiting_that_is_cancelled_at_any_moment_loses_no_room()
    {
        var budget = new PixelBudget(2, 100);
        var ended = 0;
        Threads.Run(6, thread =>
        {
            var random = new Random(thread);
            for (var i = 0; i < 300; i++)
            {
                using var source = new CancellationTokenSource();
                if (thread % 2 == 0) source.CancelAfter(TimeSpan.FromMilliseconds(random.Next(3)));
                try
                {
                    if (i % 2 == 0)
                    {
                        using var lease = budget.Take(random.Next(1, 120), source.Token);
                        Thread.Yield();
                    }
                    else
                    {
                        var count = random.Next(1, 120);
                        budget.ReserveAsync(count, source.Token).GetAwaiter().GetResult();
                        using var lease = budget.Hold(count);
                        Thread.Sleep(random.Next(2));
                    }
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref ended);
                }
            }
        });
        Assert.Equal(0, budget.Held);
        Assert.InRange(ended, 1, 900);
        using (budget.Take(100)) Assert.Equal(1, budget.Held);
    }
}
