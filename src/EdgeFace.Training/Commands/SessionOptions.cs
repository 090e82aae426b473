using System.CommandLine;

namespace EdgeFace.Training.Commands;

/// <summary>The options of every run: where it works, and how much of the machine it may use.</summary>
sealed class SessionOptions
{
    readonly Option<string> _output = new("--out")
    {
        Required = true,
        Description = "The folder of checkpoint, model and tables. A run whose checkpoint lies there goes on.",
    };
    readonly Option<string?> _cache;
    readonly Option<int> _threads = new("--threads") { DefaultValueFactory = _ => Environment.ProcessorCount, Description = "Threads that train." };
    readonly Option<int> _workers = new("--workers") { DefaultValueFactory = _ => 1, Description = "Threads that make views and run the teacher." };
    readonly Option<double> _save = new("--save-minutes") { DefaultValueFactory = _ => 5, Description = "Minutes between checkpoints." };
    readonly Option<long> _validate = new("--validate-views") { DefaultValueFactory = _ => 20_000, Description = "Views between validations." };
    readonly Option<long?> _stopAfter = new("--stop-after") { Description = "End this session once so many views are seen in all." };

    /// <param name="cache">What the cache folder holds.</param>
    public SessionOptions(string cache)
    {
        _cache = new("--cache") { Description = cache };
        RunCommand.AtLeast(_threads, 1);
        RunCommand.AtLeast(_workers, 1);
        RunCommand.AtLeast(_validate, 0);
        RunCommand.AtLeast(_save, 0);
        RunCommand.AtLeast(_stopAfter, 0);
    }

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_output, _cache, _threads, _workers, _save, _validate, _stopAfter]) command.Add(option);
    }

    /// <summary>What they say, with what else a run needs.</summary>
    public RunOptions Of(ParseResult parsed, IReadOnlyList<string> data, string? teacher, string? start,
        IReadOnlyList<string> validation)
    {
        var folder = parsed.GetRequiredValue(_output);
        return new(data, teacher, start, validation, folder, parsed.GetValue(_cache) ?? Path.Combine(folder, "cache"), parsed.GetValue(_threads),
            parsed.GetValue(_workers), parsed.GetValue(_save), parsed.GetValue(_validate), parsed.GetValue(_stopAfter));
    }
}
