using EdgeFace.App.Output;

namespace EdgeFace.App.Commands;

/// <summary>Runs a command's work over many pictures on all cores: results in the order given, a problem with one picture does not stop the others.</summary>
static class ImageBatch
{
    public static (T[] Results, ErrorJson[] Errors) Run<T>(Terminal terminal, string what, string[] files, Func<string, T> work)
        => Run(terminal, what, files, file => file, work);

    public static (T[] Results, ErrorJson[] Errors) Run<TItem, T>(Terminal terminal, string what, IReadOnlyList<TItem> items, Func<TItem, string> name, Func<TItem, T> work)
    {
        var cores = Math.Min(Environment.ProcessorCount, 64);
        var outcomes = terminal.WithProgress(what, items.Count, step => items.AsParallel().AsOrdered().WithDegreeOfParallelism(cores).Select(item =>
        {
            try
            {
                return (Result: work(item), Error: (ErrorJson?)null);
            }
            catch (Exception e) when (Tool.OfItem(e) is { } problem)
            {
                return (default!, ErrorJson.Of(name(item), problem));
            }
            finally
            {
                step();
            }
        }).ToArray());
        return ([.. outcomes.Where(o => o.Error is null).Select(o => o.Result)], [.. outcomes.Select(o => o.Error).OfType<ErrorJson>()]);
    }

    /// <summary>One line on stderr for each picture that could not be used; true where there was one.</summary>
    public static bool Report(Terminal terminal, ErrorJson[] errors)
    {
        foreach (var error in errors) terminal.Error.WriteLine($"edgeface: {error.Message}");
        return errors.Length > 0;
    }
}
