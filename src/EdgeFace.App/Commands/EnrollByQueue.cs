using EdgeFace.App.Galleries;
using EdgeFace.App.Output;
using EdgeFace.Gallery;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface enroll INPUT --queue</c> and <c>edgeface enroll --work</c>.</summary>
static class EnrollByQueue
{
    public static int Add(QueuedEnrolment queue, EnrolmentList list, EnrollOutput output)
    {
        var addition = queue.AddAsync(list.Items).GetAwaiter().GetResult();
        ErrorJson[] errors = [.. list.Errors, .. addition.Refused.Select(output.Words.ErrorOf)];
        var document = new QueueJson("edgeface.queue.v1", output.Target.IsNew, GalleryInfoJson.Of(output.Target.Required().Info), addition.Added,
            addition.AlreadyThere, QueueCountsJson.Of(queue.Jobs.Counts), [.. list.Ignored], errors);
        output.Terminal.Changed = $"{Text.Count(addition.Added, "picture")} queued, "
            + FormattableString.Invariant($"{addition.AlreadyThere:n0} queued before, {errors.Length:n0} not usable");
        PictureList.Tell(output.Terminal, list.Ignored);
        output.Write(document, ToolJson.Default.QueueJson, () =>
        {
            output.Created(document.Gallery);
            output.Terminal.Out.WriteLine(output.Terminal.Changed);
            output.Terminal.Out.WriteLine($"  queue    {Counts(document.Queue)}");
        });
        return ImageBatch.Report(output.Terminal, errors) ? ExitCode.Failed : ExitCode.Done;
    }

    public static int Work(QueuedEnrolment queue, bool retry, EnrollOutput output)
    {
        if (retry) queue.Jobs.RetryDead();
        var before = queue.Jobs.Counts;
        using var stop = new StopSignals();
        var result = output.Terminal.WithProgress("enrolling", (int)Math.Min(before.Waiting + before.Taken, int.MaxValue),
            step => queue.WorkAsync(new Steps<string>(step), stop.Token).GetAwaiter().GetResult());
        FailedJobJson[] failed = [.. Failures(queue).Select(FailedJobJson.Of)];
        var warnings = output.Warnings(result.Warnings);
        var document = new WorkJson("edgeface.work.v1", GalleryInfoJson.Of(output.Target.Required().Info), result.Done, result.Enrolled.Count,
            result.Stopped, Math.Round(result.PicturesPerSecond, 1), QueueCountsJson.Of(queue.Jobs.Counts), output.Decision?.Threshold,
            output.Decision?.Fmr, [.. result.Resemblances.Select(ResemblanceJson.Of)], warnings, failed);
        output.Terminal.Changed = $"{Text.Count(result.Done, "picture")} done here, {Text.Count(result.Enrolled.Count, "sample")} enrolled";
        output.Write(document, ToolJson.Default.WorkJson, () =>
        {
            output.Resemblances(result.Resemblances);
            output.Tell(warnings);
            output.Terminal.Out.WriteLine($"{(result.Stopped ? "stopped: " : "")}{output.Terminal.Changed} "
                + FormattableString.Invariant($"({document.ImagesPerSecond:f0} pictures a second)"));
            output.Terminal.Out.WriteLine($"  queue    {Counts(document.Queue)}");
            output.Closing(document.Gallery);
        });
        if (document.Queue.Taken > 0)
            output.Terminal.Error.WriteLine($"edgeface: other workers have {Text.Count(document.Queue.Taken, "picture")} in hand; "
                + "if they ended, --work can take these over a minute later");
        foreach (var job in failed)
            output.Terminal.Error.WriteLine($"edgeface: {job.File}: not enrolled for {job.Name} ({job.ExternalKey}) "
                + $"after {Text.Count(job.Attempts, "attempt")}: {job.Error}");
        if (result.Stopped && document.Queue.Waiting > 0) return ExitCode.Stopped;
        return failed.Length > 0 ? ExitCode.Failed : ExitCode.Done;
    }

    /// <summary>Every job that was given up.</summary>
    static List<EnrolFailure> Failures(QueuedEnrolment queue)
    {
        List<EnrolFailure> all = [];
        while (queue.Jobs.Failures(all.Count == 0 ? 0 : all[^1].Id) is { Count: > 0 } page) all.AddRange(page);
        return all;
    }

    static string Counts(QueueCountsJson c)
        => FormattableString.Invariant($"{c.Waiting:n0} waiting, {c.Taken:n0} in hand, {c.Done:n0} done, {c.Failed:n0} failed");
}
