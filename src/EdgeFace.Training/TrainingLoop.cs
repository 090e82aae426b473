using System.Diagnostics;

namespace EdgeFace.Training;

/// <summary>Steps until a number of views is reached or the user stops; lines, validations and checkpoints when they are due.</summary>
/// <param name="names">Of the values of a step.</param>
sealed class TrainingLoop(Recipe recipe, RunOptions options, TrainingState state, IReadOnlyList<string> names, RunTable training, Action<string> say)
{
    /// <param name="step">One step with the next batch; gives its values.</param>
    /// <param name="validate">Measures; gives whether the run goes on.</param>
    /// <param name="end">Views in all.</param>
    public void Run(Func<float[]> step, Func<bool> validate, Action save, long end, CancellationToken stop)
    {
        if (state.Views >= end) return;
        var lines = new LossLines(names, recipe.Batch, training, say);
        var rate = 0.0;
        Stopwatch sinceSave = Stopwatch.StartNew(), timed = Stopwatch.StartNew();
        while (state.Views < end && !stop.IsCancellationRequested)
        {
            rate = recipe.Schedule.At(state.Views);
            var before = state.Views;
            lines.Add(step());
            var isValidationDue = options.ValidateViews > 0 && before / options.ValidateViews != state.Views / options.ValidateViews
                && state.Views < recipe.Views;
            if (lines.IsDue || isValidationDue || state.Views >= end)
            {
                lines.Write(state, state.Seconds + timed.Elapsed.TotalSeconds, rate);
                // Left alone, the collector lets handles of tensors and views pile up to gigabytes.
                Uncollected.Collect();
            }
            if (isValidationDue)
            {
                CountTime();
                var goesOn = validate();
                timed.Restart();
                if (!goesOn) break;
                lines.Restart();
            }
            if (sinceSave.Elapsed.TotalMinutes < options.SaveMinutes) continue;
            CountTime();
            save();
            sinceSave.Restart();
        }
        CountTime();
        if (lines.HasSteps) lines.Write(state, state.Seconds, rate);

        void CountTime()
        {
            state.Seconds += timed.Elapsed.TotalSeconds;
            timed.Restart();
        }
    }
}
