using System.Text.RegularExpressions;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

public sealed class ExchangeTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    SqliteGallery New(string name, EmbeddingContract? contract = null, SqliteGalleryOptions? options = null)
        => SqliteGallery.Create(_folder[name], contract ?? KnownPeople.Contract, KnownPeople.Space, options ?? new());

    SqliteGallery Filled()
    {
        var gallery = New("from.db");
        for (var p = 0; p < 12; p++)
        {
            var person = new NewPerson(p % 4 == 0 ? "same name" : $"person {p}\u2028\"")
            {
                ExternalKey = p % 3 == 0 ? $"k{p}" : null,
                Metadata = p % 2 == 0 ? "{ \"n\":\n" + p + "}" : null,
                Created = new(2024, 1, 1 + p, 1, 2, 3, 4, TimeSpan.Zero),
            };
            if (p == 11) gallery.AddPerson(person);
            else gallery.Enrol(person, [.. Enumerable.Range(0, 1 + p % 3).Select(photo => new NewSample(KnownPeople.Photo(p, photo))
            {
                Source = photo == 0 ? $"a/{p} \\.jpg" : null,
                SourceSha256 = photo == 1 ? KnownPeople.Hash(p) : null,
                Created = new(2025, 1, 1 + p, 0, 0, photo, TimeSpan.Zero),
                Quality = photo == 0 ? new() { Yaw = 1.0 / 3, FaceWidth = 100 } : new(),
                Crop = p % 5 == 0 ? KnownPeople.Crop((byte)p, (byte)photo) : null,
            })]);
        }
        return gallery;
    }

    /// <summary>All but numbers, which are every gallery's own.</summary>
    static List<string> Content(SqliteGallery gallery) =>
    [
        .. gallery.Persons().Select(p => $"{p.Name}|{p.ExternalKey}|{p.Metadata}|{p.Created:O}|"
            + string.Join(';', gallery.Samples(p.Id).Select(s => $"{s.Created:O},{s.Source},{s.SourceSha256},{s.Quality},"
                + (gallery.Crop(s.Id) is { } c ? Convert.ToHexString(c) : "")))),
    ];

    [Fact]
    public void Export_comes_back_whole_also_into_an_encrypted_gallery()
    {
        using var from = Filled();
        Assert.Equal(new ExchangeCounts(12, 21, 6), GalleryExport.Write(from, _folder["out"], 8, null, Token));
        Assert.Equal(
            ["embeddings-0.safetensors", "embeddings-1.safetensors", "embeddings-2.safetensors", "gallery.json", "people.jsonl"],
            Directory.GetFiles(_folder["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(12, File.ReadLines(_folder["out/people.jsonl"]).Count());
        using var to = New("to.db", options: new() { Key = GalleryKey.Generate() });
        var report = GalleryImport.Read(to, _folder["out"], null, Token);
        Assert.Equal(new ExchangeCounts(12, 21, 6), report.Added);
        Assert.Empty(report.Problems);
        Assert.Equal(Content(from), Content(to));
        // Galleries turn coordinates differently, so the embeddings went through their 512-value form.
        foreach (var (a, b) in from.Persons().Zip(to.Persons()))
            foreach (var (x, y) in from.Samples(a.Id).Zip(to.Samples(b.Id)))
                Assert.Equal(1, from.EmbeddingOf(x.Id)!.Score(to.EmbeddingOf(y.Id)!), 1e-5);
        Assert.Empty(to.Check().Problems);
    }

    [Fact]
    public void What_a_killed_export_left_is_found_named_and_removed_and_one_in_progress_is_left_alone()
    {
        using var from = Filled();
        var left = _folder[$".other.{Guid.NewGuid():N}.partial"];
        Directory.CreateDirectory(Path.Combine(left, "crops"));
        File.WriteAllText(Path.Combine(left, "people.jsonl"), "a name");
        var noExport = Directory.CreateDirectory(_folder[$".mine.{Guid.NewGuid():N}.partial"]).FullName;
        IReadOnlyList<string>? removed = null;
        GalleryExport.Write(from, _folder["out"], 8, new Told(() => removed ??= GalleryExport.RemoveInterrupted(_folder["elsewhere"])), Token);
        Assert.Equal([left], removed);
        Assert.True(Directory.Exists(noExport) && !Directory.Exists(left));
        Assert.Empty(GalleryExport.RemoveInterrupted(_folder["out"]));
        using var cancelled = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() =>
            GalleryExport.Write(from, _folder["second"], 8, new Told(cancelled.Cancel), cancelled.Token));
        Assert.Equal(["out", Path.GetFileName(noExport)],
            Directory.GetDirectories(_folder.Path).Select(Path.GetFileName).OrderDescending(StringComparer.Ordinal));
    }

    [Fact]
    public void Export_is_for_its_owner_alone()
    {
        if (OperatingSystem.IsWindows()) return;
        using var from = Filled();
        GalleryExport.Write(from, _folder["out"], 8, null, Token);
        const UnixFileMode file = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.All((string[])["out", "out/crops"], name => Assert.Equal(file | UnixFileMode.UserExecute, Rights.Of(_folder[name])));
        Assert.All(Directory.GetFiles(_folder["out"], "*", SearchOption.AllDirectories), name => Assert.Equal(file, Rights.Of(name)));
    }

    [Fact]
    public async Task Export_is_left_alone_from_its_beginning_to_its_end()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("a folder is moved there only while none of its files is open");
        using var from = New("from.db");
        from.AddPerson(new("Ann"));
        using var done = new CancellationTokenSource();
        var removing = Task.Run(
            () =>
            {
                var removed = new List<string>();
                while (!done.IsCancellationRequested) removed.AddRange(GalleryExport.RemoveInterrupted(_folder["out"]));
                return removed;
            },
            Token);
        for (var i = 0; i < 300; i++)
        {
            GalleryExport.Write(from, _folder["out"], 8, null, Token);
            Assert.Equal(3, Directory.GetFileSystemEntries(_folder["out"]).Length);
            Directory.Delete(_folder["out"], true);
        }
        await done.CancelAsync();
        Assert.Empty(await removing);
    }

    sealed class Told(Action act) : IProgress<long>
    {
        public void Report(long value) => act();
    }

    [Fact]
    public void Import_that_was_interrupted_is_started_again()
    {
        using var from = Filled();
        GalleryExport.Write(from, _folder["out"], null, Token);
        using var to = New("to.db");
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => GalleryImport.Read(to, _folder["out"], new StopAt(5, stop), stop.Token));
        Assert.Equal(5, to.Info.Persons);
        // Of those who are there, one has lost a sample meanwhile.
        var lost = to.Persons().First(p => p.Samples == 2);
        to.DeleteSample(to.Samples(lost.Id)[1].Id);
        var report = GalleryImport.Read(to, _folder["out"], null, Token);
        Assert.Equal((7, 5), (report.Added.Persons, report.Present));
        Assert.Empty(report.Problems);
        Assert.Equal(Content(from), Content(to));
        Assert.Equal(new ExchangeCounts(0, 0, 0), GalleryImport.Read(to, _folder["out"], null, Token).Added);
        Assert.Empty(to.Check().Problems);
    }

    sealed class StopAt(long count, CancellationTokenSource stop) : IProgress<long>
    {
        public void Report(long value)
        {
            if (value == count) stop.Cancel();
        }
    }

    [Fact]
    public void Export_of_another_contract_is_refused_and_both_are_named()
    {
        using (var from = Filled()) GalleryExport.Write(from, _folder["out"], null, Token);
        using var to = New("to.db", KnownPeople.OtherContract);
        var refusal = Assert.Throws<GalleryContractException>(() => GalleryImport.Read(to, _folder["out"], null, Token));
        Assert.Contains(KnownPeople.Contract.WeightsSha256, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(KnownPeople.OtherContract.WeightsSha256, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, to.Info.Persons);
    }

    [Fact]
    public void Refused_person_is_reported_and_the_others_are_added()
    {
        using (var from = Filled()) GalleryExport.Write(from, _folder["out"], null, Token);
        using var to = New("to.db", options: new() { MostSamplesPerPerson = 2 });
        var report = GalleryImport.Read(to, _folder["out"], null, Token);
        Assert.Equal(3, report.Problems.Count);
        Assert.All(report.Problems, p => Assert.Contains("as many as this gallery allows", p, StringComparison.Ordinal));
        Assert.Equal(9, to.Info.Persons);
        Assert.Equal(report.Added.Samples, to.Info.Samples);
        Assert.DoesNotContain(to.Persons(), p => p.Samples == 0 && p.Name != "person 11 \"");
    }

    [Fact]
    public void Export_never_overwrites_and_leaves_nothing_when_stopped()
    {
        using var from = Filled();
        Directory.CreateDirectory(_folder["out"]);
        Assert.Contains("exists already",
            Assert.Throws<GalleryException>(() => GalleryExport.Write(from, _folder["out"], null, Token)).Message, StringComparison.Ordinal);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => GalleryExport.Write(from, _folder["other"], new StopAt(3, stop), stop.Token));
        Assert.Equal(["out"], Directory.GetDirectories(_folder.Path).Select(Path.GetFileName));
    }

    public static TheoryData<string, string> Damages => new()
    {
        { "no header", "no gallery.json" }, { "header", "gallery.json" }, { "format", "format is" }, { "version", "version 9" },
        { "line", "line 3" }, { "row", "names row 99" }, { "negative row", "names row -1" }, { "rows missing", "missing" },
        { "rows cut", "embeddings-0.safetensors" }, { "zeros", "row 0" }, { "null sample", "line 1: a sample is null" },
        { "sample twice", "two samples have one number" }, { "absurd count", "1000 samples at most" },
        { "linked people", "is a link" }, { "linked rows", "is a link" }, { "linked header", "is a link" },
        { "empty people", "has 0 people" }, { "people cut", "incomplete" }, { "no name", "needs a name" }, { "no people", "people.jsonl" },
        { "long line", "a line has more than" },
    };

    [Theory, MemberData(nameof(Damages))]
    public void Damaged_export_is_refused_where_it_is_damaged(string what, string named)
    {
        using (var from = Filled()) GalleryExport.Write(from, _folder["out"], null, Token);
        string header = _folder["out/gallery.json"], people = _folder["out/people.jsonl"], rows = _folder["out/embeddings-0.safetensors"];
        var lines = File.ReadAllLines(people);
        switch (what)
        {
            case "no header": File.Delete(header); break;
            case "header": File.WriteAllText(header, "{"); break;
            case "format": File.WriteAllText(header, File.ReadAllText(header).Replace("edgeface-gallery", "other", StringComparison.Ordinal)); break;
            case "version":
                File.WriteAllText(header, File.ReadAllText(header).Replace("\"version\":1", "\"version\":9", StringComparison.Ordinal));
                break;
            case "line": File.WriteAllLines(people, [lines[0], lines[1], lines[2][..40], .. lines[3..]]); break;
            case "row": File.WriteAllText(people, File.ReadAllText(people).Replace("\"row\":3,", "\"row\":99,", StringComparison.Ordinal)); break;
            case "negative row":
                File.WriteAllText(people, File.ReadAllText(people).Replace("\"row\":3,", "\"row\":-1,", StringComparison.Ordinal));
                break;
            case "rows missing": File.Delete(rows); break;
            case "rows cut": File.WriteAllBytes(rows, File.ReadAllBytes(rows)[..^8]); break;
            case "zeros":
                var bytes = File.ReadAllBytes(rows);
                bytes.AsSpan(8 + BitConverter.ToInt32(bytes)).Clear();
                File.WriteAllBytes(rows, bytes);
                break;
            case "null sample":
                File.WriteAllText(people, File.ReadAllText(people).Replace("\"samples\":[{", "\"samples\":[null,{", StringComparison.Ordinal));
                break;
            case "sample twice":
                File.WriteAllText(people,
                    Regex.Replace(File.ReadAllText(people), "\"samples\":\\[({[^{}]*{[^{}]*}[^{}]*})", "\"samples\":[$1,$1"));
                break;
            case "absurd count":
                File.WriteAllText(people,
                    "{\"name\":\"x\",\"samples\":[" + string.Join(',', Enumerable.Range(0, 1001).Select(i => $"{{\"id\":{i}}}")) + "]}");
                break;
            case "linked people": Link(people); break;
            case "linked rows": Link(rows); break;
            case "linked header": Link(header); break;
            case "empty people": File.WriteAllText(people, ""); break;
            case "people cut": File.WriteAllLines(people, lines[..7]); break;
            case "no name": File.WriteAllLines(people, ["{}", .. lines[1..]]); break;
            case "no people": File.Delete(people); break;
            case "long line": File.WriteAllText(people, "\"" + new string(' ', 33 << 20)); break;
        }
        using var to = New("to.db");
        Assert.Contains(named, Assert.Throws<GalleryException>(() => Rethrow(to)).Message, StringComparison.Ordinal);
        Assert.Empty(to.Check().Problems);
    }

    static void Link(string file)
    {
        File.Move(file, file + ".else");
        File.CreateSymbolicLink(file, file + ".else");
    }

    // The type that tells damage from refusal is the library's own.
    void Rethrow(SqliteGallery to)
    {
        try
        {
            GalleryImport.Read(to, _folder["out"], null, Token);
        }
        catch (ExportDamagedException e)
        {
            throw new GalleryException(e.Message);
        }
    }
}
