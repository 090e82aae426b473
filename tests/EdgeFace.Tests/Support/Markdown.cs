using System.Text.RegularExpressions;

namespace EdgeFace.Tests.Support;

/// <summary>The little of Markdown that the tests read: tables, links, headings, and words in backticks.</summary>
static partial class Markdown
{
    /// <summary>The rows of the one table of a file whose first header cell is the given text, without header and rule.</summary>
    public static IReadOnlyList<string[]> Table(string path, string firstHeader)
    {
        var found = Tables(RepositoryFiles.Read(path)).Where(t => t[0][0] == firstHeader).ToList();
        Assert.True(found.Count == 1, $"{path}: one table is expected whose first column is '{firstHeader}', found {found.Count}");
        Assert.All(found[0], row => Assert.True(row.Length == found[0][0].Length,
            $"{path}: the row '{string.Join(" | ", row)}' has {row.Length} cells, its header {found[0][0].Length}"));
        return [.. found[0].Skip(1)];
    }

    /// <summary>All tables; row 0 of each is its header, the rule below it is left out.</summary>
    public static IEnumerable<List<string[]>> Tables(string text)
    {
        var table = new List<string[]>();
        foreach (var line in WithoutFences(text).Append(""))
        {
            if (line.StartsWith('|'))
            {
                if (!Rule().IsMatch(line)) table.Add([.. line.Trim().Trim('|').Split('|').Select(c => c.Trim())]);
            }
            else if (table.Count > 0)
            {
                yield return table;
                table = [];
            }
        }
    }

    /// <summary>What stands in backticks.</summary>
    public static IEnumerable<string> Code(string text) => CodeSpan().Matches(text).Select(m => m.Groups[1].Value);

    /// <summary>Targets of links and pictures.</summary>
    public static IEnumerable<string> Links(string text)
    {
        var prose = CodeSpan().Replace(string.Join('\n', WithoutFences(text)), "");
        return Link().Matches(prose).Concat(Reference().Matches(prose)).Select(m => m.Groups[1].Value);
    }

    /// <summary>The names under which headings can be linked to, as GitHub makes them.</summary>
    public static IEnumerable<string> Anchors(string text)
        => WithoutFences(text).Where(l => l.StartsWith('#'))
            .Select(l => NotInAnchors().Replace(l.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    static IEnumerable<string> WithoutFences(string text)
    {
        var fenced = false;
        foreach (var line in text.Split('\n'))
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal)) fenced = !fenced;
            else if (!fenced) yield return line.TrimEnd('\r');
        }
    }

    [GeneratedRegex(@"^\|[-:| ]+\|$")]
    private static partial Regex Rule();

    [GeneratedRegex(@"`([^`\n]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"\[[^\]\n]*\]\(<?([^)\s>]+)>?(?:\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^\[[^\]\n]+\]:\s+<?([^\s>]+)", RegexOptions.Multiline)]
    private static partial Regex Reference();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();
}
