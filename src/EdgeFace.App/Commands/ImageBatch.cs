using EdgeFace.App.Galleries;
using EdgeFace.App.Output;

namespace EdgeFace.App.Commands;

/// <summary>What came of many pictures.</summary>
/// <param name="Results">In the order given.</param>
/// <param name="Unanswered">Sound pictures in which there is no answer: no face, or several and none chosen.</param>
/// <param name="Errors">What failed.</param>
sealed record ImageBatchResult<T>(T[] Results, ErrorJson[] Unanswered, ErrorJson[] Errors)
{
    /// <summary>
    /// One line on stderr for each picture without a result. The exit code: a fault wins, and no answer is told where there is none at all.
    /// </summary>
    public int Report(Terminal terminal)
    {
        ImageBatch.Report(terminal, Unanswered);
        return ImageBatch.Report(terminal, Errors) ? ExitCode.Failed : Results.Length > 0 ? ExitCode.Done : ExitCode.NoAnswer;
    }
}

/// <summary>
/// Runs a command's work over many pictures on all cores: results in the order given, a problem with one picture does not stop the others. Results
/// are kept until all are there: they are small, and hold no pixels.
/// </summary>
static class ImageBatch
{
    /// <param name="pictures">What cannot be looked at among them is told with the errors of the others.</param>
    public static ImageBatchResult<T> Run<T>(Terminal terminal, string what, PictureList pictures, Func<string, T> work)
    {
        var result = Run(terminal, what, pictures.Files, file => file, work);
        return result with { Errors = [.. pictures.Errors, .. result.Errors] };
    }

    public static ImageBatchResult<T> Run<TItem, T>(
        Terminal terminal, string what, IReadOnlyList<TItem> items, Func<TItem, string> name, Func<TItem, T> work)
    {
        List<T> results = [];
        List<ErrorJson> unanswered = [], errors = [];
        return terminal.WithProgress(what, items.Count, step =>
        {
            foreach (var (result, file, problem) in Ahead.Of(items, Outcome).SelectMany(ready => ready))
            {
                if (problem is not { } told) results.Add(result);
                else (told.IsFault ? errors : unanswered).Add(ErrorJson.Of(file, Advice.Of(told)));
                step();
            }
            return new ImageBatchResult<T>([.. results], [.. unanswered], [.. errors]);
        });

        (T Result, string File, Problem? Problem) Outcome(TItem item)
        {
            try
            {
                return (work(item), name(item), null);
            }
            catch (Exception e) when (Problem.OfItem(e) is { } problem)
            {
                return (default!, name(item), problem);
            }
        }
    }

    /// <summary>One line on stderr for each picture that could not be used; true where there was one.</summary>
    public static bool Report(Terminal terminal, IReadOnlyList<ErrorJson> errors)
    {
        foreach (var error in errors) terminal.Error.WriteLine($"edgeface: {error.Message}");
        return errors.Count > 0;
    }
}
