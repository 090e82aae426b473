using System.Text;
using System.Text.Json;
using EdgeFace.App;

namespace EdgeFace.Tests.Support;

/// <summary>One run of the tool inside the test process.</summary>
sealed record ToolRun(int ExitCode, byte[] Bytes, string Error)
{
    public string Output => Encoding.UTF8.GetString(Bytes);

    public JsonElement Json => JsonDocument.Parse(Bytes).RootElement;

    public static ToolRun Of(params string[] args) => WithInput([], args);

    public static ToolRun WithInput(byte[] input, params string[] args)
    {
        using var output = new MemoryStream();
        return Run(output, input, args);
    }

    /// <summary>A run whose standard output is another stream; what came there is told if the stream keeps it.</summary>
    public static ToolRun Onto(Stream output, params string[] args) => Run(output, [], args);

    static ToolRun Run(Stream output, byte[] input, string[] args)
    {
        using var error = new StringWriter();
        using var terminal = new Terminal(output, error) { InStream = new MemoryStream(input) };
        var code = Tool.Run(args, terminal);
        return new(code, (output as MemoryStream)?.ToArray() ?? [], error.ToString());
    }

    /// <summary>Asserts the exit code and that stderr is exactly one line that says what is expected; stdout stays empty.</summary>
    public ToolRun Fails(int code, params ReadOnlySpan<string> mentions)
    {
        Assert.Equal(code, ExitCode);
        Assert.StartsWith("edgeface: ", Error, StringComparison.Ordinal);
        Assert.Equal(Error.Length - Environment.NewLine.Length, Error.IndexOf(Environment.NewLine, StringComparison.Ordinal));
        foreach (var mention in mentions) Assert.Contains(mention, Error, StringComparison.Ordinal);
        return this;
    }

    public ToolRun Succeeds(int code = 0)
    {
        Assert.True(code == ExitCode, $"exit code {ExitCode}: {Error}");
        Assert.Equal("", Error);
        return this;
    }
}
