using System.CommandLine;
using System.Globalization;
using EdgeFace.App;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.App;

/// <summary>What every option and argument of every command keeps to.</summary>
[Collection(nameof(EnvironmentVariable))]
public sealed class ArgumentTests
{
    static readonly Type[] Numbers = [typeof(int), typeof(int?), typeof(int[]), typeof(long), typeof(long?), typeof(long[]), typeof(double),
        typeof(double?), typeof(double[]), typeof(float), typeof(decimal)];

    sealed record Leaf(string[] Path, Command Command)
    {
        public IEnumerable<Option> WithValue => Command.Options.Where(o => o.Arity.MaximumNumberOfValues > 0 && o.ValueType != typeof(bool)
            && o.ValueType != typeof(void));
    }

    static List<Leaf> Leaves()
    {
        using var terminal = new Terminal(Stream.Null, TextWriter.Null);
        List<Leaf> leaves = [];
        Add(Tool.Commands(terminal), []);
        Assert.True(leaves.Count > 20);
        return leaves;

        void Add(Command command, string[] path)
        {
            if (command.Subcommands.Count == 0) leaves.Add(new(path, command));
            foreach (var below in command.Subcommands) Add(below, [.. path, below.Name]);
        }
    }

    [Fact]
    public void Empty_texts_are_refused_by_name_for_every_option_and_argument()
    {
        foreach (var leaf in Leaves())
        {
            foreach (var empty in (string[])["", " ", "\t"])
            {
                foreach (var option in leaf.WithValue)
                    foreach (var name in option.Aliases.Prepend(option.Name)) ToolRun.Of([.. leaf.Path, name, empty]).Fails(2,
                        $"{option.Name} is empty", "--help");
                for (var i = 0; i < leaf.Command.Arguments.Count; i++)
                    ToolRun.Of([.. leaf.Path, .. Enumerable.Repeat("x", i), empty]).Fails(2, $"<{leaf.Command.Arguments[i].Name}> is empty");
            }
        }
    }

    [Fact]
    public void No_command_takes_options_from_a_file()
    {
        using var folder = new TempFolder();
        var list = "@" + folder.Write("list", "--help\n"u8.ToArray());
        foreach (var leaf in Leaves())
        {
            var run = ToolRun.Of([.. leaf.Path, list]);
            Assert.DoesNotContain("Usage:", run.Output, StringComparison.Ordinal);
            Assert.InRange(run.ExitCode, 2, 3);
        }
        ToolRun.Of("detect", list).Fails(3, list);
    }

    [Fact]
    public void A_picture_may_have_a_name_that_begins_with_an_at_sign()
    {
        using var folder = new TempFolder();
        File.Copy(TestData.Sample("adam-1.jpg"), folder["@me.jpg"]);
        File.WriteAllText(folder["@list"], "--json\n");
        var run = ProcessRun.Of("sh", ["-c", "cd \"$1\" && exec \"$0\" detect *", Program, folder.Path]);
        Assert.Equal(3, run.ExitCode);
        Assert.StartsWith("@me.jpg: 300 x 360, 1 face\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("@list: not a JPEG", run.Error, StringComparison.Ordinal);
    }

    public static TheoryData<string> NoNumbers =>
    [
        "0,1", "1,000", "1 000", "1_000", "1.000,5", "1e", "e5", "NaN", "nan", "inf", "-inf", "Infinity", "∞", "1e999", "-1e999", "٣", "１",
            "0x10", "½", "−1", "9999999999999999999999", "1;2", " 1", "1 ", "a",
    ];

    [Theory, MemberData(nameof(NoNumbers))]
    public void What_is_no_number_is_refused_by_every_option_with_what_was_typed(string text)
    {
        var count = 0;
        foreach (var leaf in Leaves())
        {
            foreach (var option in leaf.WithValue.Where(o => Numbers.Contains(o.ValueType)))
            {
                ToolRun.Of([.. leaf.Path, .. Others(leaf, option.Name), option.Name, text]).Fails(2, $"{option.Name} is a ", $"not '{text}'");
                count++;
            }
        }
        Assert.True(count > 20);
    }

    [Theory]
    [InlineData("--fmr", "0"), InlineData("--fmr", "1"), InlineData("--fmr", "-1e-4"), InlineData("--fmr", "0.0")]
    [InlineData("--threshold", "1.0001"), InlineData("--threshold", "-2")]
    [InlineData("--count", "0"), InlineData("--count", "1.5"), InlineData("--count", "1e1"), InlineData("--min-face", "-1"),
        InlineData("--after", "-1"), InlineData("--id", "0")]
    [InlineData("--sample", "0"), InlineData("--max-samples", "1001"), InlineData("--gallery-size", "0"), InlineData("--seconds", "0"),
        InlineData("--seconds", "601")]
    public void Numbers_out_of_range_are_refused_by_every_command_that_has_the_option(string name, string text)
    {
        var with = Leaves().Where(l => l.WithValue.Any(o => o.Name == name)).ToList();
        Assert.NotEmpty(with);
        foreach (var leaf in with) ToolRun.Of([.. leaf.Path, .. Others(leaf, name), name, text]).Fails(2, $"{name} is a ", $"not '{text}'");
    }

    // So many arguments that no other error comes first.
    static IEnumerable<string> Others(Leaf leaf, string name)
        => leaf.Command.Arguments.SelectMany(a => Enumerable.Repeat(Some(a.ValueType), a.Arity.MinimumNumberOfValues)).Concat(leaf.Command.Options
            .Where(o => o.Required && o.Name != name).SelectMany(o => (string[])[o.Name, Some(o.ValueType)]));

    static string Some(Type type) => Numbers.Contains(type) ? "1" : "x";

    [Theory]
    [InlineData("0.1", 0.1), InlineData("-0.5", -0.5), InlineData("+0.25", 0.25), InlineData("1e-1", 0.1), InlineData(".5", 0.5),
        InlineData("1", 1), InlineData("-1", -1), InlineData("0", 0)]
    public void Thresholds_are_taken_as_typed(string text, double threshold)
    {
        string[] photos = [TestData.Sample("adam-1.jpg"), TestData.Sample("adam-2.jpg")];
        Assert.Equal(threshold, ToolRun.Of(["compare", .. photos, "--json", "--threshold", text]).Json.GetProperty("threshold").GetDouble());
        Assert.Equal(threshold, ToolRun.Of(["cluster", .. photos, "--json", "--threshold", text]).Json.GetProperty("threshold").GetDouble());
    }

    [Fact]
    public void The_culture_of_a_thread_changes_nothing()
    {
        using var folder = new TempFolder();
        string adam = TestData.Sample("adam-1.jpg"), gallery = folder["people.db"];
        ToolRun.Of("enroll", TestData.Sample("people.csv"), "--gallery", gallery).Succeeds();
        string[][] commands =
        [
            ["compare", adam, TestData.Sample("bella-1.jpg"), "--threshold", "-0.1"], ["compare", adam, adam, "--fmr", "1e-4", "--json"],
                ["compare", adam, adam, "--threshold", "0,1"],
            ["detect", TestData.Sample("group.jpg")], ["embed", adam, "--format", "csv"],
                ["cluster", adam, TestData.Sample("group.jpg"), "--threshold", "0.3"],
            ["identify", TestData.Sample("group.jpg"), "--gallery", gallery], ["gallery", "info", "--gallery", gallery],
                ["gallery", "list", "--gallery", gallery, "--after", "3"],
            ["gallery", "show", "--gallery", gallery, "--id", "2"], ["gallery", "audit", "--gallery", gallery], ["models", "show"],
                ["models", "show", "--json"],
        ];
        ToolRun[] expected = [.. commands.Select(ToolRun.Of)];
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = Foreign();
            Assert.Equal("−1,5", (-1.5).ToString(CultureInfo.CurrentCulture));
            foreach (var (command, invariant) in commands.Zip(expected))
            {
                var run = ToolRun.Of(command);
                Assert.Equal((invariant.ExitCode, invariant.Output, invariant.Error), (run.ExitCode, run.Output, run.Error));
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    /// <summary>The worst of several languages: a decimal comma, a point between groups, a minus that is no hyphen.</summary>
    static CultureInfo Foreign()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        var numbers = culture.NumberFormat;
        (numbers.NumberDecimalSeparator, numbers.NumberGroupSeparator, numbers.NegativeSign, numbers.PositiveSign) = (",", ".", "−", "＋");
        (numbers.PercentDecimalSeparator, numbers.PercentGroupSeparator, numbers.NaNSymbol) = (",", ".", "ناعدد");
        (culture.DateTimeFormat.DateSeparator, culture.DateTimeFormat.TimeSeparator) = ("/", ".");
        return culture;
    }

    [Theory, InlineData("de_DE.UTF-8"), InlineData("fa_IR.UTF-8"), InlineData("ar_SA.UTF-8")]
    public void The_language_of_the_system_changes_nothing(string language)
    {
        (string, string)[] variables = [("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "false"), ("LC_ALL", language)];
        string[] photos = [TestData.Sample("adam-1.jpg"), TestData.Sample("adam-2.jpg")];
        var right = ProcessRun.Of(Program, ["compare", .. photos, "--json", "--fmr", "1e-3"], variables);
        if (right.Error.Contains("ICU", StringComparison.Ordinal))
            Assert.Skip("there is no ICU here, without which the program starts in no language");
        Assert.Equal((0, ToolRun.Of(["compare", .. photos, "--json", "--fmr", "1e-3"]).Output), (right.ExitCode, right.Output));
        var wrong = ProcessRun.Of(Program, ["compare", .. photos, "--threshold", "0,1"], variables);
        Assert.Equal((2, "edgeface: --threshold is a number between -1 and 1, not '0,1'. Try 'edgeface compare --help'.\n"),
            (wrong.ExitCode, wrong.Error));
    }

    static string Program { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "EdgeFace.App", "release", "EdgeFace.App"));
}
