using System.Text.RegularExpressions;

namespace EdgeFace.Bench;

/// <summary>Puts the first table of a file of results where a document asks for it: between a comment that names the file and one that says end.</summary>
static partial class DocumentTables
{
    public static int Run()
    {
        var documents = Directory.GetFiles(Path.Combine(BenchData.Repository, "docs"), "*.md").Prepend(Path.Combine(BenchData.Repository, "README.md"));
        foreach (var document in documents)
        {
            var before = File.ReadAllText(document);
            var after = Place().Replace(before, m => $"{m.Groups["start"].Value}\n{FirstTable(Path.Combine(BenchData.Repository, m.Groups["file"].Value))}\n{m.Groups["end"].Value}");
            if (after == before) continue;
            File.WriteAllText(document, after);
            Console.WriteLine($"{Path.GetRelativePath(BenchData.Repository, document)}: brought up to date");
        }
        return 0;
    }

    static string FirstTable(string file)
    {
        if (!File.Exists(file)) throw new FileNotFoundException($"no results '{file}'");
        return string.Join('\n', File.ReadLines(file).SkipWhile(l => !l.StartsWith('|')).TakeWhile(l => l.StartsWith('|')));
    }

    [GeneratedRegex(@"(?<start><!-- first table of (?<file>bench/results/[\w./-]+\.md) -->)\n.*?\n?(?<end><!-- end -->)", RegexOptions.Singleline)]
    private static partial Regex Place();
}
