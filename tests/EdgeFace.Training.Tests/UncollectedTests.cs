using System.Runtime;
using System.Runtime.CompilerServices;

// A collection that one test causes would free numbers beside the tensors of another (Uncollected).
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace EdgeFace.Training.Tests;

public sealed class UncollectedTests
{
    // Of libtorch's own: beside other work, threads that wait for each other at full load take many times as long.
    [ModuleInitializer]
    internal static void OneThread() => NativeEnvironment.Default("OMP_NUM_THREADS", "1");

    [Fact]
    public void Nothing_is_collected_meanwhile_not_even_where_it_is_asked_for()
    {
        var before = Uncollected.Run(1 << 20, () =>
        {
            var count = GC.CollectionCount(0);
            Uncollected.Collect();
            Uncollected.Run(0, Uncollected.Collect);
            Assert.Equal(count, GC.CollectionCount(0));
            Assert.Equal(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
            return count;
        });
        Assert.NotEqual(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
        Uncollected.Collect();
        Assert.True(GC.CollectionCount(0) > before);
    }

    [Fact]
    public void More_than_the_collector_can_promise_is_held_in_part()
        => Uncollected.Run(1L << 50, () => Assert.Equal(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode));
}
