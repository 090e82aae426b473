using System.Diagnostics;
using System.Text;
using Spectre.Console;

namespace EdgeFace.App;

/// <summary>Where a command reads its surroundings from and writes to; a test gives its own.</summary>
sealed class Terminal : IDisposable
{
    public Terminal(Stream output, TextWriter error, bool showProgress = false, int width = 100)
    {
        (OutStream, Error, ShowsProgress, Width) = (output, error, showProgress, width);
        Out = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 16 * 1024, leaveOpen: true) { AutoFlush = false, NewLine = "\n" };
    }

    /// <summary>The process's own: progress is shown only to a person who looks at stderr.</summary>
    public static Terminal OfProcess()
        => new(Console.OpenStandardOutput(), Console.Error, !Console.IsErrorRedirected, Console.IsOutputRedirected ? 100 : Math.Clamp(SafeWidth(), 60, 160)) { InStream = Console.OpenStandardInput() };

    /// <summary>Where <c>-</c> is read from.</summary>
    public Stream InStream { get; init; } = Stream.Null;

    /// <summary>Results as text.</summary>
    public TextWriter Out { get; }

    /// <summary>Results as bytes.</summary>
    public Stream OutStream { get; }

    public TextWriter Error { get; }

    public int Width { get; }

    /// <summary>Whether a person looks at stderr, so that progress makes sense.</summary>
    public bool ShowsProgress { get; }

    /// <summary>Writes a table without lines around it, in plain characters.</summary>
    public void Table(string[] headings, IEnumerable<string[]> rows)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var heading in headings) table.AddColumn(new TableColumn(new Text(heading)));
        foreach (var row in rows) table.AddRow(row.Select(cell => new Text(cell)));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(Out) });
        console.Profile.Width = Width;
        console.Write(table);
    }

    /// <summary>Runs work that reports each of its total steps; a bar appears on stderr once it has taken a second, if a person is looking.</summary>
    public T WithProgress<T>(string what, int total, Func<Action, T> work)
    {
        if (!ShowsProgress || total < 2) return work(() => { });
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Error) });
        var clock = Stopwatch.StartNew();
        var done = 0;
        var running = Task.Run(() => work(() => Interlocked.Increment(ref done)));
        if (running.Wait(TimeSpan.FromSeconds(1))) return running.Result;
        console.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(progress =>
        {
            var bar = progress.AddTask(what, maxValue: total);
            while (!running.Wait(100))
            {
                bar.Value = done;
                bar.Description = FormattableString.Invariant($"{what} {done}/{total}, {done / clock.Elapsed.TotalSeconds:f1}/s");
            }
        });
        return running.GetAwaiter().GetResult();
    }

    static int SafeWidth()
    {
        try
        {
            return Console.WindowWidth;
        }
        catch (IOException)
        {
            return 100;
        }
    }

    public void Dispose() => Out.Dispose();
}
