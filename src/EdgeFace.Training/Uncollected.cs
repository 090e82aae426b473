using System.Runtime;

namespace EdgeFace.Training;

/// <summary>
/// A stretch without garbage collection. TorchSharp makes a Scalar of every number beside a tensor and keeps it by nothing while libtorch computes
/// with it: a collection in that moment lets its finalizer free it, and the number is whatever stands there then.
/// </summary>
static class Uncollected
{
    const long Wrappers = 192 << 20;

    static readonly Lock Guard = new();
    static int _depth;

    /// <summary>Runs something; what is allocated meanwhile on all threads beyond the bytes given and 192 MB for objects may be collected all the
    /// same.</summary>
    public static T Run<T>(long bytes, Func<T> action)
    {
        Begin(Wrappers + bytes);
        try
        {
            return action();
        }
        finally
        {
            End();
        }
    }

    /// <summary>The same, of what gives nothing.</summary>
    public static void Run(long bytes, Action action) => Run(bytes, () =>
    {
        action();
        return true;
    });

    static void Begin(long bytes)
    {
        lock (Guard)
        {
            if (_depth++ > 0) return;
            try
            {
                _ = GC.TryStartNoGCRegion(bytes);
            }
            catch (ArgumentOutOfRangeException)
            {
                // More than this machine's collector can promise.
            }
        }
    }

    static void End()
    {
        lock (Guard)
        {
            if (--_depth > 0 || GCSettings.LatencyMode != GCLatencyMode.NoGCRegion) return;
            try
            {
                GC.EndNoGCRegion();
            }
            catch (InvalidOperationException)
            {
                // More was allocated than was promised, and the region ended by itself.
            }
        }
    }
}
