using System.Diagnostics;
using System.Text;
using EdgeFace.App.Output;
using Spectre.Console;
using Text = Spectre.Console.Text;

namespace EdgeFace.App;

/// <summary>Where a command reads its surroundings from and writes to; a test gives its own.</summary>
sealed class Terminal : IDisposable
{
    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    readonly MessageWriter _messages;

    public Terminal(Stream output, TextWriter error, bool showProgress = false, int width = 100)
    {
        (OutStream, ShowsProgress, Width) = (new ResultStream(output), showProgress, width);
        Layout = new StreamWriter(OutStream, Utf8, 16 * 1024, leaveOpen: true) { AutoFlush = false, NewLine = "\n" };
        Out = new PrintableWriter(Layout);
        _messages = new(error);
        // Work on many pictures may tell of several at once.
        Error = TextWriter.Synchronized(_messages);
    }

    /// <summary>The process's own: progress is shown only to a person who looks at stderr.</summary>
    public static Terminal OfProcess()
    {
        var (output, error) = StandardStream.Open();
        return new(output, new StreamWriter(error, Utf8) { AutoFlush = true }, !Console.IsErrorRedirected,
            Console.IsOutputRedirected ? 100 : Math.Clamp(SafeWidth(), 60, 160))
        {
            InStream = Console.OpenStandardInput(),
        };
    }

    /// <summary>Where <c>-</c> is read from.</summary>
    public Stream InStream { get; init; } = Stream.Null;

    /// <summary>Results as lines of text. Whatever is not printable in them is shown as its number.</summary>
    public TextWriter Out { get; }

    /// <summary>Results as text that is laid out already: nothing in it is changed.</summary>
    public TextWriter Layout { get; }

    /// <summary>Results as bytes.</summary>
    public Stream OutStream { get; }

    /// <summary>Messages, a line each; as <see cref="Out"/>, and never the cause of a failure.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether a message could not be written.</summary>
    public bool HasLostMessages => _messages.IsLost;

    /// <summary>What the command has changed for good; it is told if the command fails after that.</summary>
    public string? Changed { get; set; }

    public int Width { get; }

    /// <summary>Whether a person looks at stderr, so that progress makes sense.</summary>
    public bool ShowsProgress { get; }

    /// <summary>Writes a text over as many lines as it takes, all but the first indented as far as the head reaches.</summary>
    public void Wrap(string head, string text)
    {
        text = Printable.Of(text);
        var room = Math.Max(30, Width - head.Length);
        for (var first = true; text.Length > 0; first = false)
        {
            var cut = text.Length <= room ? text.Length : text.LastIndexOf(' ', room) is var space && space > 0 ? space : room;
            Out.WriteLine($"{(first ? head : new(' ', head.Length))}{text[..cut]}");
            text = text[cut..].TrimStart();
        }
    }

    /// <summary>Writes a table without lines around it, in plain characters.</summary>
    public void Table(string[] headings, IEnumerable<string[]> rows)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var heading in headings) table.AddColumn(new TableColumn(new Text(Printable.Of(heading))));
        foreach (var row in rows) table.AddRow(row.Select(cell => new Text(Printable.Of(cell))));
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(Layout),
        });
        console.Profile.Width = Width;
        console.Write(table);
    }

    /// <summary>
    /// Runs work that reports each of its total steps; a bar appears on stderr once it has taken a second, if a person is looking.
    /// </summary>
    public T WithProgress<T>(string what, int total, Func<Action, T> work)
    {
        if (!ShowsProgress || total < 2) return work(() => { });
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var clock = Stopwatch.StartNew();
        var done = 0;
        var running = Task.Run(() => work(() => Interlocked.Increment(ref done)));
        if (running.Wait(TimeSpan.FromSeconds(1))) return running.Result;
        console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(progress =>
        {
            var title = Markup.Escape(Printable.Of(what));
            var bar = progress.AddTask(title, maxValue: total);
            while (!running.Wait(100))
            {
                bar.Value = done;
                bar.Description = FormattableString.Invariant($"{title} {done}/{total}, {done / clock.Elapsed.TotalSeconds:f1}/s");
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

    public void Dispose() => Layout.Dispose();
}
