using System.Text.RegularExpressions;

namespace EdgeFace.Bench;

/// <summary>Puts the first or second table of a file of results where a document asks for it: between a comment that names the file and one that says end.</summary>
static partial class DocumentTables
{
    public static int Run()
    {
        var documents = Directory.GetFiles(Path.Combine(BenchData.Repository, "docs"), "*.md").Prepend(Path.Combine(BenchData.Repository, "README.md"));
        foreach (var document in documents)
        {
            var before = File.ReadAllText(document);
            var after = Place().Replace(before, m => $"{m.Groups["start"].Value}\n{Table(Path.Combine(BenchData.Repository, m.Groups["file"].Value), m.Groups["which"].Value == "first" ? 0 : 1)}\n{m.Groups["end"].Value}");
            if (after == before) continue;
            File.WriteAllText(document, after);
            Console.WriteLine($"{Path.GetRelativePath(BenchData.Repository, document)}: brought up to date");
        }
        return 0;
    }

    static string Table(string file, int which)
    {
        if (!File.Exists(file)) throw new FileNotFoundException($"no results '{file}'");
        var lines = File.ReadLines(file).SkipWhile(l => !l.StartsWith('|'));
        for (; which > 0; which--) lines = lines.SkipWhile(l => l.StartsWith('|')).SkipWhile(l => !l.StartsWith('|'));
        return string.Join('\n', lines.TakeWhile(l => l.StartsWith('|')));
    }

    [GeneratedRegex(@"(?<start><!-- (?<which>first|second) table of (?<file>bench/results/[\w./-]+\.md) -->)\n.*?\n?(?<end><!-- end -->)", RegexOptions.Singleline)]
    private static partial Regex Place();
}
