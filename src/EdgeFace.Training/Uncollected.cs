using System.Runtime;

namespace EdgeFace.Training;

/// <summary>
/// A stretch without garbage collection. TorchSharp makes a Scalar of every number beside a tensor and keeps it by nothing while libtorch computes
/// with it: a collection in that moment lets its finalizer free it, and the number is whatever stands there then.
/// </summary>
static class Uncollected
{
    const long Least = 16 << 20, Most = 4L << 30;

    static readonly Lock Guard = new();
    static int _depth;

    // For objects: grows where it was not enough.
    static long _wrappers = 192 << 20;

    /// <summary>Runs something; what is allocated meanwhile on all threads beyond the bytes given and 192 MB for objects may be collected all the
    /// same.</summary>
    /// <exception cref="TrainingException">The collector cannot set any memory aside.</exception>
    public static T Run<T>(long bytes, Func<T> action)
    {
        Begin(bytes);
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

    /// <summary>Collects, unless something runs that may not see it.</summary>
    public static void Collect()
    {
        lock (Guard)
            if (_depth == 0) GC.Collect();
    }

    static void Begin(long bytes)
    {
        lock (Guard)
        {
            if (_depth == 0) Hold(_wrappers + bytes);
            _depth++;
        }
    }

    // What the collector cannot promise, it may promise in part.
    static void Hold(long bytes)
    {
        for (var isHeld = false; !isHeld; bytes /= 2)
        {
            if (bytes < Least)
                throw new TrainingException($"the collector cannot set {Least >> 20} MB aside, without which numbers may be lost; free some memory");
            try
            {
                isHeld = GC.TryStartNoGCRegion(bytes);
            }
            catch (ArgumentOutOfRangeException)
            {
                // More than this machine's collector ever promises.
            }
        }
    }

    static void End()
    {
        lock (Guard)
        {
            if (--_depth > 0) return;
            if (!EndedByItself()) return;
            // More was allocated than was promised, and the region ended by itself.
            _wrappers = Math.Min(2 * _wrappers, Most);
        }
    }

    static bool EndedByItself()
    {
        try
        {
            if (GCSettings.LatencyMode != GCLatencyMode.NoGCRegion) return true;
            GC.EndNoGCRegion();
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }
}
