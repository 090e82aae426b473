using System.Globalization;
using System.Text.RegularExpressions;
using EdgeFace.Models;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests;

/// <summary>What the documents say of files, models and variants is what is there.</summary>
public sealed partial class DocsTests
{
    const string ModelsDocument = "docs/models.md";

    public static TheoryData<string> Documents => [.. RepositoryFiles.Ending(".md")];

    [Theory, MemberData(nameof(Documents))]
    public void Relative_links_resolve(string document)
    {
        foreach (var link in Markdown.Links(RepositoryFiles.Read(document)).Where(l => !Scheme().IsMatch(l)))
        {
            var (path, anchor) = link.Split('#') is [var p, var a] ? (Uri.UnescapeDataString(p), a) : (Uri.UnescapeDataString(link), null);
            Assert.False(path.StartsWith('/'), $"{document}: the link '{link}' is not relative");
            var target = path.Length == 0 ? document : Join(document, path);
            Assert.True(Path.Exists(RepositoryFiles.Full(target)), $"{document}: the link '{link}' leads nowhere");
            if (anchor is not null && target.EndsWith(".md", StringComparison.Ordinal))
                Assert.True(Markdown.Anchors(RepositoryFiles.Read(target)).Contains(anchor),
                    $"{document}: the link '{link}' names no heading of {target}");
        }
    }

    /// <summary>
    /// In backticks in a table: a path from the root or from the document, a file's name or the end of one, a folder with a slash,
    /// or a pattern with a star.
    /// </summary>
    [Theory, MemberData(nameof(Documents))]
    public void Files_named_in_tables_exist(string document)
    {
        var cells = Markdown.Tables(RepositoryFiles.Read(document)).SelectMany(t => t).SelectMany(r => r);
        foreach (var name in cells.SelectMany(Markdown.Code).Where(c => FileName().IsMatch(c)))
        {
            var here = name.Contains('/', StringComparison.Ordinal) ? Join(document, name) : name;
            var found = RepositoryFiles.All.Any(f => name switch
            {
                _ when name.Contains('*', StringComparison.Ordinal) => Matches(f, name) || Matches(f, here),
                _ when name.EndsWith('/') => f.StartsWith(name, StringComparison.Ordinal) || f.StartsWith(here + "/", StringComparison.Ordinal),
                _ => f == name || f == here || f.EndsWith(name.StartsWith('.') ? name : "/" + name, StringComparison.Ordinal),
            });
            Assert.True(found, $"{document}: a table names '{name}', and there is no such file");
        }
    }

    [Fact]
    public void Documents_named_in_the_source_exist()
    {
        foreach (var file in RepositoryFiles.All.Where(f => Path.GetExtension(f) is ".cs" or ".json" or ".csproj" or ".props" or ".sh"))
            foreach (Match match in DocumentName().Matches(RepositoryFiles.Read(file)))
                Assert.True(File.Exists(RepositoryFiles.Full(match.Value)), $"{file} refers to {match.Value}, and there is no such file");
    }

    [Theory]
    [InlineData("README.md", "paired.md")]
    [InlineData("README.md", "pipeline.md")]
    [InlineData("docs/engine.md", "layers.md")]
    [InlineData("docs/engine.md", "paired.md")]
    public void Tables_of_speed_are_those_that_the_benchmarks_wrote(string document, string results)
    {
        var place = Assert.Single(ResultTable().Matches(RepositoryFiles.Read(document)),
            m => m.Groups["file"].Value.EndsWith("/" + results, StringComparison.Ordinal));
        var file = place.Groups["file"].Value;
        var expected = Markdown.Tables(RepositoryFiles.Read(file)).ElementAt(place.Groups["which"].Value == "first" ? 0 : 1);
        Assert.True(expected.Count > 1, $"{file} starts with an empty table");
        Assert.Equal(Lines(expected), Lines(Assert.Single(Markdown.Tables(place.Groups["table"].Value))));
    }

    [Fact]
    public void Variants_are_those_of_the_code()
    {
        string[][] expected = [.. EdgeFaceVariants.All.Select(v =>
        {
            var facts = EdgeFaceVariants.Published(v.Name);
            return (string[])[$"`{v.Name}`", string.Join(", ", v.Dims), string.Join(", ", v.Depths),
                Text(v.Heads), v.Gamma is { } g ? Text(g) : "none",
                v.ParameterCount.ToString("N0", CultureInfo.InvariantCulture), (v.MultiplyAdds / 1e6).ToString("F2", CultureInfo.InvariantCulture)];
        })];
        Assert.Equal(Lines(expected), Lines(Markdown.Table(ModelsDocument, "variant")));

        string[][] published = [.. EdgeFaceVariants.All.Where(v => EdgeFaceVariants.Published(v.Name) is not null).Select(v =>
        {
            var f = EdgeFaceVariants.Published(v.Name)!;
            return (string[])[$"`{v.Name}`", .. ((double?[])[f.MegaFlops, f.Lfw, f.CfpFp, f.AgeDb30, f.IjbB, f.IjbC])
                .Select(x => x is { } n ? n.ToString("F2", CultureInfo.InvariantCulture) : "")];
        })];
        Assert.Equal(Lines(published), Lines(Markdown.Table(ModelsDocument, "published")));
    }

    [Fact]
    public void Figures_of_the_default_models_are_those_of_their_cards()
    {
        var document = RepositoryFiles.Read(ModelsDocument);
        ModelCard[] cards = [.. RepositoryFiles.Ending(".card.json").Select(f => ModelCard.FromJson(File.ReadAllBytes(RepositoryFiles.Full(f)), f))];
        Assert.All(cards, c => Assert.Contains($"`{c.Name}`", document, StringComparison.Ordinal));
        var measurements = cards.Where(c => c.Measurements is { Count: > 0 })
            .SelectMany(c => c.Measurements.Select(m => (string[])[$"`{c.Name}`", m.Set, m.Protocol, m.Value]));
        Assert.Equal(Lines(measurements), Lines(Markdown.Table(ModelsDocument, "model")));
        var thresholds = cards.Single(c => c.Thresholds is { Count: > 0 }).Thresholds;
        Assert.Equal(
            Lines(thresholds.Select(t =>
                (string[])[Power(t.Fmr), Text(t.OneCrop), Text(t.MirrorSum), Percent(t.FnmrOneCrop), Percent(t.FnmrMirrorSum)])),
            Lines(Markdown.Table(ModelsDocument, "FMR aimed at")));

        static string Power(double rate) => rate.ToString("0.#e-0", CultureInfo.InvariantCulture);
        static string Percent(double? rate) => (100 * rate!.Value).ToString("F2", CultureInfo.InvariantCulture) + " %";
    }

    static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    static IEnumerable<string> Lines(IEnumerable<string[]> rows) => rows.Select(r => string.Join(" | ", r));

    static string Join(string document, string path)
        => Path.GetRelativePath(TestData.Repository,
            Path.GetFullPath(Path.Combine(TestData.Repository, Path.GetDirectoryName(document)!, path))).Replace('\\', '/').TrimEnd('/');

    static bool Matches(string file, string pattern)
        => Regex.IsMatch(file, "^" + Regex.Escape(pattern).Replace(@"\*", "[^/]*", StringComparison.Ordinal) + "$");

    [GeneratedRegex("^[a-zA-Z][a-zA-Z0-9+.-]*:")]
    private static partial Regex Scheme();

    // Capitals before the extension are a placeholder: OUT.efw.
    [GeneratedRegex(@"^(?![A-Z]+\.)[\w.*/-]+(?:/|\.(?:cs|csproj|props|slnx|md|json|sh|efw|txt|jpg))$")]
    private static partial Regex FileName();

    // As bench/EdgeFace.Bench writes it with the command tables.
    [GeneratedRegex(@"<!-- (?<which>first|second) table of (?<file>bench/results/\S+) -->\n(?<table>.*?)<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex ResultTable();

    [GeneratedRegex(@"docs/[\w-]+\.md")]
    private static partial Regex DocumentName();
}
