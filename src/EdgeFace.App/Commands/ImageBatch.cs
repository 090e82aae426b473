using EdgeFace.App.Galleries;
using EdgeFace.App.Output;

namespace EdgeFace.App.Commands;

/// <summary>
/// Runs a command's work over many pictures on all cores: results in the order given, a problem with one picture does not stop the others. Results
/// are kept until all are there: they are small, and hold no pixels.
/// </summary>
static class ImageBatch
{
    public static (T[] Results, ErrorJson[] Errors) Run<T>(Terminal terminal, string what, string[] files, Func<string, T> work)
    {
        List<T> results = [];
        List<ErrorJson> errors = [];
        return terminal.WithProgress(what, files.Length, step =>
        {
            foreach (var (result, error) in Ahead.Of(files, Outcome).SelectMany(ready => ready))
            {
                if (error is null) results.Add(result);
                else errors.Add(error);
                step();
            }
            return (results.ToArray(), errors.ToArray());
        });

        (T Result, ErrorJson? Error) Outcome(string file)
        {
            try
            {
                return (work(file), null);
            }
            catch (Exception e) when (Tool.OfItem(e) is { } problem)
            {
                return (default!, new(file, problem.Message));
            }
        }
    }

    /// <summary>One line on stderr for each picture that could not be used; true where there was one.</summary>
    public static bool Report(Terminal terminal, ErrorJson[] errors)
    {
        foreach (var error in errors) terminal.Error.WriteLine($"edgeface: {error.Message}");
        return errors.Length > 0;
    }
}
