using System.Diagnostics;

namespace EdgeFace.Training;

/// <summary>Sums what the steps give, and writes the means as a line for the reader and a row of the table.</summary>
sealed class LossLines
{
    const double LineSeconds = 20;

    readonly RunTable _table;
    readonly Action<string> _say;
    readonly int _batch;
    readonly double[] _sums;
    readonly Stopwatch _since = Stopwatch.StartNew();
    int _steps;

    /// <param name="names">Of the values of a step.</param>
    /// <param name="batch">Views of a step.</param>
    public LossLines(IReadOnlyList<string> names, int batch, RunTable table, Action<string> say)
    {
        (_table, _say, _batch, _sums) = (table, say, batch, new double[names.Count]);
        say($"{"views",10} {"rate",8} {string.Join(' ', names.Select(n => $"{n,10}"))} {"views/s",8}");
    }

    /// <summary>Whether the last line is long ago.</summary>
    public bool IsDue => _since.Elapsed.TotalSeconds >= LineSeconds;

    /// <summary>Whether there are steps since the last line.</summary>
    public bool HasSteps => _steps > 0;

    public void Add(ReadOnlySpan<float> values)
    {
        for (var i = 0; i < values.Length; i++) _sums[i] += values[i];
        _steps++;
    }

    /// <summary>Writes the means since the last line.</summary>
    public void Write(TrainingState state, double seconds, double rate)
    {
        double[] means = [.. _sums.Select(s => s / _steps)];
        var perSecond = _steps * _batch / _since.Elapsed.TotalSeconds;
        var shown = string.Join(' ', means.Select(m => FormattableString.Invariant($"{m,10:f4}")));
        _say(FormattableString.Invariant($"{state.Views,10} {rate,8:f4} {shown} {perSecond,8:f1}"));
        _table.Add(state.Views, [state.Steps, seconds, rate, .. means, perSecond]);
        Array.Clear(_sums);
        _steps = 0;
        Restart();
    }

    /// <summary>Lets the time of the next line begin now.</summary>
    public void Restart() => _since.Restart();
}
