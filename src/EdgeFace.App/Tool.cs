using System.CommandLine;
using System.CommandLine.Parsing;
using EdgeFace.App.Commands;
using EdgeFace.App.Output;
using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Gallery;
using EdgeFace.Kernels;
using EdgeFace.Vision;

namespace EdgeFace.App;

/// <summary>What the program's exit codes mean. Stable: scripts depend on them. Several faults of one run give the code of the first.</summary>
static class ExitCode
{
    /// <summary>Done; of <c>compare</c>: the same person; of <c>identify</c>: somebody is named.</summary>
    public const int Done = 0;

    /// <summary>Of <c>compare</c>: different people; of <c>identify</c>: all unknown; of <c>detect</c>: no face.</summary>
    public const int Negative = 1;

    /// <summary>The command line cannot be carried out as written.</summary>
    public const int Usage = 2;

    /// <summary>A picture, model, gallery or place to write to cannot be used, or the machine failed.</summary>
    public const int Failed = 3;

    /// <summary>Nothing failed, and there is no answer: no face, several and none chosen, or one that cannot be recognised.</summary>
    public const int NoAnswer = 4;

    /// <summary>A fault of this program.</summary>
    public const int Bug = 70;

    /// <summary>Told to stop (Ctrl-C, SIGTERM) before all was done; of <c>enroll</c>: what it had taken is saved.</summary>
    public const int Stopped = 130;

    /// <summary>The code of an error that ends a command.</summary>
    public static int Of(Problem problem) => problem.Cause switch
    {
        UsageException or NoThresholdException or ModelNotDownloadedException or UprightOnlyException => Usage,
        OperationCanceledException => Stopped,
        _ => Of(problem.Kind),
    };

    /// <summary>The code of an error, by who is at fault.</summary>
    public static int Of(ErrorKind kind) => kind switch
    {
        ErrorKind.NoAnswer => NoAnswer,
        ErrorKind.Program => Bug,
        _ => Failed,
    };
}

/// <summary>The command line: parses, runs, and turns every error into one line on stderr and an exit code.</summary>
static class Tool
{
    public static RootCommand Commands(Terminal terminal) => new(
        "Face recognition that runs on this machine: compare, identify, detect, align, embed.")
    {
        CompareCommand.Create(terminal),
        EmbedCommand.Create(terminal),
        DetectCommand.Create(terminal),
        AlignCommand.Create(terminal),
        EnrollCommand.Create(terminal),
        IdentifyCommand.Create(terminal),
        VerifyCommand.Create(terminal),
        GalleryCommand.Create(terminal),
        ClusterCommand.Create(terminal),
        EvalCommand.Create(terminal),
        CalibrateCommand.Create(terminal),
        ModelsCommand.Create(terminal),
        InfoCommand.Create(terminal),
        BenchCommand.Create(terminal),
        CompletionCommand.Create(terminal),
    };

    // A file may be called @list: it is no list of options.
    static readonly ParserConfiguration NoResponseFiles = new() { ResponseFileTokenReplacer = null };

    public static int Run(string[] args, Terminal terminal)
    {
        int code;
        try
        {
            code = Execute(args, terminal);
            terminal.Out.Flush();
        }
        catch (Exception e)
        {
            code = Fail(e, terminal);
        }
        // Who was not told a warning does not know what the result is worth.
        return terminal.HasLostMessages && code is ExitCode.Done or ExitCode.Negative ? ExitCode.Failed : code;
    }

    static int Execute(string[] args, Terminal terminal)
    {
        var parsed = Commands(terminal).Parse(args, NoResponseFiles);
        // Help and version are asked for by options whose actions clear the errors.
        var isHelp = parsed.Action is { ClearsParseErrors: true };
        if ((Empty(parsed.CommandResult) ?? (parsed.Errors is [var first, ..] ? first.Message : null)) is { } error && !isHelp)
            throw new UsageException($"{error} Try '{string.Join(' ', Names(parsed.CommandResult).Prepend("edgeface"))} --help'.");
        // What the engine would refuse at its first use, wherever that is.
        if (Environment.GetEnvironmentVariable(KernelSet.Variable) is { Length: > 0 } forced && KernelSet.Find(forced) is null)
            throw new UsageException($"{KernelSet.Variable}={forced}: it is one of {string.Join(", ", KernelSet.Available.Select(k => k.Name))}.");
        if (!isHelp) OutputPaths.Require(parsed);
        return parsed.Invoke(new InvocationConfiguration
        {
            Output = terminal.Layout, Error = terminal.Error, EnableDefaultExceptionHandler = false,
        });
    }

    static int Fail(Exception e, Terminal terminal)
    {
        try
        {
            // What was printed before the error comes before it.
            terminal.Out.Flush();
        }
        catch (ResultLostException)
        {
        }
        if (e is ResultLostException { ReaderLeft: true } && terminal.Changed is null) return ExitCode.Failed;
        if (Problem.Of(e) is not { } found)
        {
            terminal.Error.WriteLine("edgeface: this is a fault of edgeface itself; please report it with the following lines");
            foreach (var line in e.ToString().ReplaceLineEndings("\n").Split('\n')) terminal.Error.WriteLine(line);
            return ExitCode.Bug;
        }
        var problem = Advice.Of(found);
        terminal.Error.WriteLine($"edgeface: {problem.Message}{(terminal.Changed is { } changed ? $". Done all the same: {changed}" : "")}");
        return ExitCode.Of(problem);
    }

    /// <summary>What was given without a text, or with white space: no option or argument of any command means anything by that.</summary>
    static string? Empty(CommandResult command) => command.Children.Select(given => given switch
    {
        OptionResult option when option.Tokens.Any(IsEmpty) => $"{option.Option.Name} is empty.",
        ArgumentResult argument when argument.Tokens.Any(IsEmpty) => $"<{argument.Argument.Name}> is empty.",
        _ => null,
    }).FirstOrDefault(message => message is not null);

    static bool IsEmpty(Token token) => string.IsNullOrWhiteSpace(token.Value);

    static IEnumerable<string> Names(CommandResult result)
        => result.Parent is CommandResult parent ? Names(parent).Append(result.Command.Name) : [];
}
