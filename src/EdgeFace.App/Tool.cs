using System.CommandLine;
using EdgeFace.App.Commands;
using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Gallery;
using EdgeFace.Kernels;
using EdgeFace.Vision;

namespace EdgeFace.App;

/// <summary>What the program's exit codes mean. Stable: scripts depend on them.</summary>
static class ExitCode
{
    /// <summary>Done; of <c>compare</c>: the same person; of <c>identify</c>: somebody is named.</summary>
    public const int Done = 0;

    /// <summary>Of <c>compare</c>: different people; of <c>identify</c>: all unknown; of <c>detect</c>: no face.</summary>
    public const int Negative = 1;

    /// <summary>The command line cannot be carried out as written.</summary>
    public const int Usage = 2;

    /// <summary>A picture, model, gallery or place to write to cannot be used.</summary>
    public const int BadInput = 3;
}

/// <summary>A command line that cannot be carried out as written.</summary>
sealed class UsageException(string message) : Exception(message);

/// <summary>An input that cannot be used, or a place that cannot be written to.</summary>
sealed class InputException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The command line: parses, runs, and turns every error into one line on stderr and an exit code.</summary>
static class Tool
{
    public static RootCommand Commands(Terminal terminal) => new("Face recognition that runs on this machine: compare, identify, detect, align, embed.")
    {
        CompareCommand.Create(terminal),
        EmbedCommand.Create(terminal),
        DetectCommand.Create(terminal),
        AlignCommand.Create(terminal),
        EnrollCommand.Create(terminal),
        IdentifyCommand.Create(terminal),
        GalleryCommand.Create(terminal),
        ClusterCommand.Create(terminal),
        EvalCommand.Create(terminal),
        CalibrateCommand.Create(terminal),
        ModelsCommand.Create(terminal),
        InfoCommand.Create(terminal),
        BenchCommand.Create(terminal),
    };

    public static int Run(string[] args, Terminal terminal)
    {
        try
        {
            var parsed = Commands(terminal).Parse(args);
            // Help and version are asked for by options whose actions clear the errors.
            if (parsed.Errors is [var error, ..] && parsed.Action is not { ClearsParseErrors: true })
                throw new UsageException($"{error.Message} Try '{string.Join(' ', Names(parsed.CommandResult).Prepend("edgeface"))} --help'.");
            // What the engine would refuse at its first use, wherever that is.
            if (Environment.GetEnvironmentVariable(KernelSet.Variable) is { Length: > 0 } forced && KernelSet.Find(forced) is null)
                throw new UsageException($"{KernelSet.Variable}={forced}: it is one of {string.Join(", ", KernelSet.Available.Select(k => k.Name))}.");
            return parsed.Invoke(new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (Describe(e) is { } problem)
        {
            terminal.Out.Flush();
            terminal.Error.WriteLine($"edgeface: {problem.Message}");
            return problem.Code;
        }
        finally
        {
            terminal.Out.Flush();
        }
    }

    /// <summary>The one line and the exit code of an error that a user can do something about; null of a bug, which keeps its stack trace.</summary>
    public static (string Message, int Code)? Describe(Exception e) => e switch
    {
        UsageException => (OneLine(e.Message), ExitCode.Usage),
        SeveralFacesException several => ($"{OneLine(several.Message)} (--face largest, or --face 0 to {several.Faces.Count - 1})", ExitCode.BadInput),
        InputException or ImageFormatException or NoFaceException or ModelFormatException or ContractMismatchException
            or DataSetException or EvaluationDataException or CalibrationException or GalleryException => (OneLine(e.Message), ExitCode.BadInput),
        IOException or UnauthorizedAccessException => (OneLine(e.Message), ExitCode.BadInput),
        OutOfMemoryException => ("there is not enough memory for this; a smaller picture or fewer at once may do", ExitCode.BadInput),
        OperationCanceledException => ("stopped", ExitCode.BadInput),
        AggregateException { InnerExceptions: [var inner, ..] } => Describe(inner),
        _ => null,
    };

    static string OneLine(string message) => message.ReplaceLineEndings(" ");

    static IEnumerable<string> Names(System.CommandLine.Parsing.CommandResult result)
        => result.Parent is System.CommandLine.Parsing.CommandResult parent ? Names(parent).Append(result.Command.Name) : [];
}
