using EdgeFace.App.Galleries;
using EdgeFace.App.Output;
using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface enroll INPUT --queue</c> and <c>edgeface enroll --work</c>.</summary>
static class EnrollByQueue
{
    public static int Add(PostgresGallery gallery, EnrolmentList list, EnrollOutput output)
    {
        var queue = new EnrolQueue(gallery);
        var (queued, already, refused) = queue.Add(list.Items);
        ErrorJson[] errors = [.. list.Errors, .. refused];
        var document = new QueueJson("edgeface.queue.v1", output.Target.IsNew, GalleryInfoJson.Of(gallery.Info), queued, already,
            QueueCountsJson.Of(queue.Counts), [.. list.Ignored], errors);
        output.Terminal.Changed = FormattableString.Invariant(
            $"{queued:n0} pictures queued, {already:n0} queued before, {errors.Length:n0} not usable");
        output.Ignored(list.Ignored);
        output.Write(document, ToolJson.Default.QueueJson, () =>
        {
            output.Created(document.Gallery);
            output.Terminal.Out.WriteLine(output.Terminal.Changed);
            output.Terminal.Out.WriteLine($"  queue    {Counts(document.Queue)}");
        });
        return ImageBatch.Report(output.Terminal, errors) ? ExitCode.Failed : ExitCode.Done;
    }

    public static int Work(PostgresGallery gallery, Enroller enroller, EnrollerOptions how, bool retry, EnrollOutput output)
    {
        var queue = new EnrolQueue(gallery);
        if (retry) queue.RetryFailed();
        var before = queue.Counts;
        var result = output.Terminal.WithProgress("enrolling", (int)Math.Min(before.Waiting + before.Taken, int.MaxValue),
            step => queue.Work(enroller, how, step));
        FailedJobJson[] failed = [.. queue.Failures().Select(FailedJobJson.Of)];
        var document = new WorkJson("edgeface.work.v1", GalleryInfoJson.Of(gallery.Info), result.Done, result.Enrolled, result.Stopped,
            Math.Round(result.ImagesPerSecond, 1), QueueCountsJson.Of(queue.Counts), output.Threshold, output.Fmr,
            [.. result.Resemblances.Select(ResemblanceJson.Of)], [.. result.Warnings.Select(EnrolWarningJson.Of)], failed);
        output.Terminal.Changed = FormattableString.Invariant($"{result.Done:n0} pictures done here, {result.Enrolled:n0} samples enrolled");
        output.Write(document, ToolJson.Default.WorkJson, () =>
        {
            output.Resemblances(result.Resemblances);
            output.Warnings(result.Warnings);
            output.Terminal.Out.WriteLine($"{(result.Stopped ? "stopped: " : "")}{output.Terminal.Changed} "
                + FormattableString.Invariant($"({document.ImagesPerSecond:f0} pictures a second)"));
            output.Terminal.Out.WriteLine($"  queue    {Counts(document.Queue)}");
            output.Closing(document.Gallery);
        });
        if (document.Queue.Taken > 0)
            output.Terminal.Error.WriteLine($"edgeface: other workers have {document.Queue.Taken} pictures in hand; "
                + "if they ended, --work can take these over a minute later");
        foreach (var job in failed)
            output.Terminal.Error.WriteLine($"edgeface: {job.File}: not enrolled for {job.Name} ({job.ExternalKey}) "
                + $"after {job.Attempts} {(job.Attempts == 1 ? "attempt" : "attempts")}: {job.Error}");
        if (result.Stopped && document.Queue.Waiting > 0) return ExitCode.Stopped;
        return failed.Length > 0 ? ExitCode.Failed : ExitCode.Done;
    }

    static string Counts(QueueCountsJson c)
        => FormattableString.Invariant($"{c.Waiting:n0} waiting, {c.Taken:n0} in hand, {c.Done:n0} done, {c.Failed:n0} failed");
}
