using System.CommandLine;
using System.CommandLine.Parsing;

namespace EdgeFace.Training.Commands;

/// <summary>The command line: parses, runs, and turns every expected error into one line and an exit code, as the program <c>edgeface</c>
/// does.</summary>
static class TrainTool
{
    const int Done = 0, Usage = 2, Failed = 3, Bug = 70, Stopped = 130;

    public static int Run(string[] args)
    {
        var root = new RootCommand("Trains networks that recognise faces, or find them, and takes the result to model files.")
        {
            RunCommand.Distil(),
            RunCommand.Train(),
            DetectionCommand.Detector(),
            DetectionCommand.Refiner(),
            ExportCommand.Create(),
            PageCommand.Create(),
            CheckLeaksCommand.Create(),
            SizesCommand.Create(),
            BenchCommand.Create(),
        };
        try
        {
            var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Action is not { ClearsParseErrors: true } && parsed.Errors is [var first, ..])
                return Fail($"{first.Message} Try 'edgeface-train {parsed.CommandResult.Command.Name} --help'.", Usage);
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e)
        {
            return e switch
            {
                OperationCanceledException => Fail("stopped", Stopped),
                RecipeException => Fail(e.Message, Usage),
                _ when EdgeFaceException.KindOf(e) != ErrorKind.Program => Fail(e.Message, Failed),
                _ => Fail($"this is a fault of edgeface-train itself; please report it with the following lines\n{e}", Bug),
            };
        }
    }

    /// <summary>The code of a run that was told to stop before its end.</summary>
    public static int CodeOf(bool done) => done ? Done : Stopped;

    static int Fail(string message, int code)
    {
        Console.Error.WriteLine($"edgeface-train: {message}");
        return code;
    }
}
