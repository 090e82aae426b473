using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EdgeFace;

/// <summary>An operation in progress, whose time is told when it ends; nothing is measured where nobody listens.</summary>
readonly struct MeasuredCall(Histogram<double> duration, Activity? activity) : IDisposable
{
    readonly long _start = duration.Enabled ? Stopwatch.GetTimestamp() : 0;

    public void Dispose()
    {
        if (_start != 0) duration.Record(Stopwatch.GetElapsedTime(_start).TotalSeconds);
        activity?.Dispose();
    }
}
