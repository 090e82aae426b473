using System.Text.RegularExpressions;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests;

/// <summary>What the README shows is what happens.</summary>
public sealed partial class ReadmeTests
{
    static readonly string Readme = RepositoryFiles.Read("README.md");

    [Fact]
    public void The_first_command_prints_what_the_readme_shows()
    {
        var blocks = Block().Matches(Readme).Select(m => (Language: m.Groups[1].Value, Text: m.Groups[2].Value)).ToArray();
        var arguments = blocks[0].Text.Trim().Split(" -- ")[1].Split(' ');
        Assert.StartsWith("dotnet run -c Release --project src/EdgeFace.App -- compare ", blocks[0].Text, StringComparison.Ordinal);
        Assert.Equal(blocks[1].Text, Run("EdgeFace.App", 0, arguments));
        Assert.StartsWith("different people\n", Run("EdgeFace.App", 1, ["compare", arguments[1], "samples/bella-1.jpg"]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_program_is_the_sample_and_it_runs()
    {
        var program = Block().Matches(Readme).Single(m => m.Groups[1].Value == "csharp").Groups[2].Value;
        Assert.Equal(RepositoryFiles.Read("samples/CompareTwoPhotos/Program.cs"), program);
        Assert.InRange(program.Split('\n').Count(l => l.Trim().Length > 0), 5, 10);
        var shown = Shown().Match(Readme);
        Assert.Equal($"same person: score {shown.Groups["score"].Value}, threshold {shown.Groups["threshold"].Value} at FMR 1e-4\n",
            Run("CompareTwoPhotos", 0, ["samples/adam-1.jpg", "samples/adam-2.jpg"]));
    }

    [Fact]
    public void The_sample_program_of_galleries_enrols_and_names()
    {
        using var folder = new TempFolder();
        Assert.Equal("", Run("IdentifyFaces", 0, [folder["people.db"], "samples/adam-1.jpg", "Adam"]));
        var named = Run("IdentifyFaces", 0, [folder["people.db"], "samples/group.jpg"]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["Adam", .. Enumerable.Repeat("unknown", 7)], named.Order());
    }

    [Fact]
    public void The_sample_program_of_galleries_enrols_nobody_who_cannot_be_recognised()
    {
        using var folder = new TempFolder();
        ImageCodec.SavePng(Spoilt.Blurred(ImageCodec.Load(TestData.Sample("adam-1.jpg")), 9), folder["blurred.png"]);
        var (code, _, error) = ChildProcess.Run("IdentifyFaces", [folder["people.db"], folder["blurred.png"], "Adam"]);
        Assert.NotEqual(0, code);
        Assert.Contains("blurred.png", error, StringComparison.Ordinal);
        Assert.Contains(nameof(UnrecognisableFaceException), error, StringComparison.Ordinal);
        Assert.Equal("unknown\n", Run("IdentifyFaces", 0, [folder["people.db"], "samples/adam-1.jpg"]));
    }

    static string Run(string project, int expectedCode, string[] arguments)
    {
        var (code, output, error) = ChildProcess.Run(project, arguments);
        Assert.Equal((expectedCode, ""), (code, error));
        return output;
    }

    // As the first command prints them.
    [GeneratedRegex(@"^  score +(?<score>[\d.]+)  .*\n  threshold +(?<threshold>[\d.]+)  ", RegexOptions.Multiline)]
    private static partial Regex Shown();

    [GeneratedRegex(@"^```(\w*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
