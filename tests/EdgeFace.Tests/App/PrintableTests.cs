using System.Globalization;
using System.Text;
using EdgeFace.App;
using EdgeFace.App.Output;
using EdgeFace.Gallery;
using EdgeFace.Tests.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.App;

public sealed class PrintableTests
{
    // A line break, a colour, a carriage return, a C1 control, an override, an isolate, separators, a mark, half a character.
    const string Hostile = "a\nb\x1b[31mc\rd\u009be\u202ef\u2066g\u2028h\u2029i\ufeffj\ud800k";

    const string Shown = @"a\nb\u001B[31mc\rd\u009Be\u202Ef\u2066g\u2028h\u2029i\uFEFFj\uD800k";

    [Theory]
    [InlineData("", "")]
    [InlineData("Zoë 李 न\u200dम 👩\u200d🔬.jpg", "Zoë 李 न\u200dम 👩\u200d🔬.jpg")]
    [InlineData("\t\0\x7f\u200e\u00ad", @"\t\u0000\u007F\u200E\u00AD")]
    [InlineData("\U000E0041", @"\U000E0041")]
    public void What_is_not_printable_is_shown_as_its_number(string text, string shown) => Assert.Equal(shown, Printable.Of(text));

    // Not as data of the theory, which half a character does not survive.
    [Fact]
    public void Half_a_character_and_all_the_others_are_shown() => Assert.Equal(Shown, Printable.Of(Hostile));

    [Fact]
    public void Nothing_shown_moves_the_cursor_or_reorders_text()
    {
        var random = new Random(1);
        for (var n = 0; n < 2000; n++)
        {
            var text = new string([.. Enumerable.Range(0, 20)
                .Select(_ => (char)(random.Next(3) == 0 ? random.Next(0x10000) : random.Next(0x2100)))]);
            var shown = Printable.Of(text);
            Assert.Equal(shown, Printable.Of(shown));
            foreach (var rune in shown.EnumerateRunes())
                Assert.True(rune.Value is 0x200c or 0x200d || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate), $"U+{rune.Value:X4}");
        }
    }

    [Fact]
    public void Text_of_results_and_messages_keeps_its_lines_and_tables_their_columns()
    {
        using var output = new MemoryStream();
        using var error = new StringWriter();
        using (var terminal = new Terminal(output, error))
        {
            terminal.Out.WriteLine(Hostile);
            terminal.Out.Write("{0}", Hostile);
            terminal.Out.WriteLine();
            terminal.Error.WriteLine(Hostile);
            terminal.Table(["name", "n"], [["x\ny", "1"], ["long \x1b[2K name", "2"]]);
        }
        var lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n');
        Assert.Equal([Shown, Shown], lines[..2]);
        Assert.Equal(Shown + Environment.NewLine, error.ToString());
        string first = Assert.Single(lines, l => l.Contains(@"x\ny", StringComparison.Ordinal)),
            second = Assert.Single(lines, l => l.Contains(@"long \u001B[2K name", StringComparison.Ordinal));
        Assert.Equal(first.IndexOf('1', StringComparison.Ordinal), second.LastIndexOf('2'));
    }

    [Fact]
    public void Names_of_files_people_and_models_are_escaped_for_people_and_exact_in_json()
    {
        using var folder = new TempFolder();
        // Of what a Linux file system takes as a name in UTF-8.
        var name = Hostile.Replace("\ud800", "", StringComparison.Ordinal);
        var shown = Printable.Of(name);
        File.Copy(TestData.Sample("chidi-1.jpg"), folder[name + ".jpg"]);
        File.WriteAllText(folder[name + ".txt"], "no picture");
        Assert.StartsWith($"{folder[shown]}.jpg: 300 x 360", ToolRun.Of("detect", folder[name + ".jpg"]).Succeeds().Output,
            StringComparison.Ordinal);
        var detected = ToolRun.Of("detect", folder[name + ".jpg"], "--json").Succeeds().Json;
        Assert.Equal(folder[name + ".jpg"], detected.GetProperty("images")[0].GetProperty("file").GetString());
        ToolRun.Of("detect", folder[name + ".txt"]).Fails(3, $"{folder[shown]}.txt");
        ToolRun.Of("detect", folder[name + ".missing"]).Fails(3, $"{folder[shown]}.missing");
        ToolRun.Of("info", name).Fails(2, shown);

        // A gallery takes no control characters, but what reorders text.
        const string person = "Eve \u202e\u2066live";
        using (var gallery = SqliteGallery.Create(folder["g.db"], KnownPeople.Contract, KnownPeople.Space, new()))
            gallery.Enrol(new NewPerson(person) { ExternalKey = "k\u202e2" }, [new NewSample(KnownPeople.Photo(1, 1)) { Source = $"/{person}" }]);
        foreach (var args in (string[][])[["list"], ["show", "--id", "1"], ["rename", "--id", "1", "--to", person]])
        {
            var text = ToolRun.Of(["gallery", .. args, "--gallery", folder["g.db"]]).Succeeds().Output;
            Assert.All(text.Split('\n'), line => Assert.Equal(line, Printable.Of(line)));
            Assert.Contains(@"Eve \u202E\u2066live", text, StringComparison.Ordinal);
        }
        var listed = ToolRun.Of("gallery", "list", "--gallery", folder["g.db"], "--json").Succeeds().Json;
        Assert.Equal(person, listed.GetProperty("persons")[0].GetProperty("name").GetString());

        using (var model = DefaultModels.OpenRecogniser())
        using (var renamed = model.WithCard(model.Card with { Name = name, Description = name })) renamed.Save(folder["m.efw"]);
        Assert.All(ToolRun.Of("models", "show", folder["m.efw"]).Succeeds().Output.Split('\n'), line => Assert.Equal(line, Printable.Of(line)));
    }
}
