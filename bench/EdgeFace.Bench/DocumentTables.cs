using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using EdgeFace.App;

namespace EdgeFace.Bench;

/// <summary>
/// Puts what was measured where a document asks for it, between a comment that names it and one that says end: the first to fifth table
/// of a file of results, or the measurements or thresholds of the models' cards; and what the README's first command prints, below it.
/// </summary>
static partial class DocumentTables
{
    static readonly string[] Numbers = ["first", "second", "third", "fourth", "fifth"];

    public static int Run()
    {
        var documents = Directory.GetFiles(Path.Combine(BenchData.Repository, "docs"), "*.md")
            .Prepend(Path.Combine(BenchData.Repository, "README.md"));
        foreach (var document in documents)
        {
            var before = File.ReadAllText(document);
            var after = Place().Replace(before, m => $"{m.Groups["start"].Value}\n"
                + Table(Path.Combine(BenchData.Repository, m.Groups["file"].Value), Array.IndexOf(Numbers, m.Groups["which"].Value))
                + $"\n{m.Groups["end"].Value}");
            after = CardPlace().Replace(after, m => $"{m.Groups["start"].Value}\n"
                + (m.Groups["what"].Value == "measurements" ? Measurements() : Thresholds())
                + $"\n{m.Groups["end"].Value}");
            if (Path.GetFileName(document) == "README.md")
                after = FirstCommand().Replace(after, m => m.Groups["command"].Value + Compared(m.Groups["arguments"].Value) + "```");
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

    static IEnumerable<ModelCard> Cards => Directory.GetFiles(Path.Combine(BenchData.Repository, "models"), "*.card.json")
        .Order(StringComparer.Ordinal).Select(f => ModelCard.FromJson(File.ReadAllBytes(f), f));

    static string Measurements() => string.Join('\n', Cards
        .SelectMany(c => c.Measurements.Select(m => $"| `{c.Name}` | {m.Set} | {m.Protocol} | {m.Value} |"))
        .Prepend("|---|---|---|---|").Prepend("| model | set | protocol | value |"));

    static string Thresholds() => string.Join('\n', Cards.SelectMany(c => c.Thresholds).Select(t => string.Create(CultureInfo.InvariantCulture,
            $"| {t.Fmr:0.#e-0} | {t.OneCrop} | {t.MirrorSum} | {100 * t.FnmrOneCrop:f2} % | {100 * t.FnmrMirrorSum:f2} % |"))
        .Prepend("|---|---|---|---|---|")
        .Prepend("| FMR aimed at | threshold, one crop | threshold, mirror sum | FNMR, one crop | FNMR, mirror sum |"));

    static string Compared(string arguments)
    {
        using var output = new MemoryStream();
        var folder = Environment.CurrentDirectory;
        Environment.CurrentDirectory = BenchData.Repository;
        using (var terminal = new Terminal(output, Console.Error)) Tool.Run(arguments.Split(' '), terminal);
        Environment.CurrentDirectory = folder;
        return Encoding.UTF8.GetString(output.ToArray());
    }

    [GeneratedRegex(@"(?<start><!-- (?<what>measurements|thresholds) of the models' cards -->)\n.*?\n?(?<end><!-- end -->)",
        RegexOptions.Singleline)]
    private static partial Regex CardPlace();

    [GeneratedRegex(
        @"(?<command>^```\ndotnet run -c Release --project src/EdgeFace\.App -- (?<arguments>compare [^\n]+)\n```\n\n```\n).*?```",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FirstCommand();

    [GeneratedRegex(
        @"(?<start><!-- (?<which>first|second|third|fourth|fifth) table of (?<file>bench/results/[\w./-]+\.md) -->)\n.*?\n?(?<end><!-- end -->)",
        RegexOptions.Singleline)]
    private static partial Regex Place();
}
