using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

/// <summary>Exports that somebody else made, or changed.</summary>
public sealed class ExchangeSafetyTests : IDisposable
{
    const int People = 4;

    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static byte[] Picture(int width = 112, int height = 112) => PngBytes.Of(width, height, PngBytes.Rgb, _ => new byte[3 * width]);

    string Export()
    {
        using var gallery = SqliteGallery.Create(_folder["from.db"], KnownPeople.Contract, KnownPeople.Space, new());
        for (var p = 0; p < People; p++)
        {
            var person = new NewPerson($"person {p}")
            {
                ExternalKey = p % 2 == 0 ? $"k{p}" : null, Metadata = "{\"a\":1}", Created = new(2024, 1, 1 + p, 0, 0, 0, TimeSpan.Zero),
            };
            var first = new NewSample(KnownPeople.Photo(p, 1))
            {
                Crop = Picture(), Source = "s", SourceSha256 = KnownPeople.Hash(p), Quality = new() { Yaw = 1 },
            };
            gallery.Enrol(person, [first, new NewSample(KnownPeople.Photo(p, 2))]);
        }
        GalleryExport.Write(gallery, _folder["out"], 3, null, Token);
        return _folder["out"];
    }

    SqliteGallery To() => SqliteGallery.Create(_folder[$"{Guid.NewGuid():N}.db"], KnownPeople.Contract, KnownPeople.Space, new());

    public static TheoryData<string, string> BadCrops => new()
    {
        { "missing", "missing" }, { "link", "is a link" }, { "pipe", "no regular file" }, { "empty", "this is none" },
        { "folder", "no regular file" }, { "text", "this is none" }, { "cut", "this is none" },
        { "size", "112 x 113" }, { "large", "more than 1048576 bytes" }, { "undecodable", "does not decode" },
    };

    [Theory, MemberData(nameof(BadCrops))]
    public void Bad_crop_is_named_and_the_others_go_on(string what, string named)
    {
        var crop = Path.Combine(Export(), "crops", "3.png");
        var bytes = File.ReadAllBytes(crop);
        File.Delete(crop);
        switch (what)
        {
            case "link": File.CreateSymbolicLink(crop, Path.Combine(_folder["out"], "crops", "1.png")); break;
            case "pipe":
                if (OperatingSystem.IsWindows()) return;
                Process.Start("mkfifo", crop).WaitForExit();
                break;
            case "empty": File.WriteAllBytes(crop, []); break;
            case "folder": Directory.CreateDirectory(crop); break;
            case "text": File.WriteAllText(crop, "ssh-rsa AAAA" + new string('x', 100)); break;
            case "cut": File.WriteAllBytes(crop, bytes[..30]); break;
            case "size": File.WriteAllBytes(crop, Picture(112, 113)); break;
            case "large": File.WriteAllBytes(crop, [.. bytes, .. new byte[1 << 20]]); break;
            case "undecodable": File.WriteAllBytes(crop, bytes[..40]); break;
        }
        using var to = To();
        void Verify(ReadOnlyMemory<byte> picture)
        {
            if (picture.Length < 60) throw new GalleryException("does not decode");
        }
        var report = GalleryImport.Read(_folder["out"], to.Contract, () => to, new() { VerifyCrop = Verify }, null, Token);
        var problem = Assert.Single(report.Problems);
        Assert.StartsWith("line 2: ", problem, StringComparison.Ordinal);
        Assert.Contains("3.png", problem, StringComparison.Ordinal);
        Assert.Contains(named, problem, StringComparison.Ordinal);
        Assert.Equal(new ExchangeCounts(3, 6, 3), report.Added);
        Assert.Empty(to.PersonsNamed("person 1"));
        Assert.Empty(to.Check().Problems);
    }

    [Fact]
    public void Folder_of_crops_that_is_a_link_is_refused()
    {
        var export = Export();
        Directory.Move(Path.Combine(export, "crops"), _folder["elsewhere"]);
        Directory.CreateSymbolicLink(Path.Combine(export, "crops"), _folder["elsewhere"]);
        using var to = To();
        var report = GalleryImport.Read(to, export, null, Token);
        Assert.Equal((0, People), (report.Added.Persons, report.Problems.Count));
        Assert.All(report.Problems, p => Assert.Contains("is a link", p, StringComparison.Ordinal));
    }

    [Fact]
    public void Gallery_is_asked_for_only_when_there_is_somebody_to_add()
    {
        var export = Export();
        IGallery None() => throw new InvalidOperationException("asked for");
        Assert.Throws<GalleryContractException>(() => GalleryImport.Read(export, KnownPeople.OtherContract, None, default, null, Token));
        Directory.Delete(Path.Combine(export, "crops"), true);
        Assert.Equal(People, GalleryImport.Read(export, KnownPeople.Contract, None, default, null, Token).Problems.Count);
        Directory.CreateDirectory(_folder["empty"]);
        var refusal = Assert.Throws<GalleryException>(() =>
            GalleryImport.Read(_folder["empty"], KnownPeople.Contract, None, default, null, Token));
        Assert.Contains("no export", refusal.Message, StringComparison.Ordinal);
        using (var nobody = To()) GalleryExport.Write(nobody, _folder["nobody"], null, Token);
        Assert.Equal(new ExchangeCounts(0, 0, 0), GalleryImport.Read(_folder["nobody"], KnownPeople.Contract, None, default, null, Token).Added);
    }

    [Fact]
    public void Key_of_somebody_of_another_name_is_told_or_refused()
    {
        var export = Export();
        using var to = To();
        to.AddPerson(new("somebody else") { ExternalKey = "k2" });
        var strict = GalleryImport.Read(export, to.Contract, () => to, new() { Strict = true }, null, Token);
        Assert.Contains("'k2' belongs to somebody else (1), not to 'person 2'", Assert.Single(strict.Problems), StringComparison.Ordinal);
        var told = GalleryImport.Read(export, to.Contract, () => to, default, null, Token);
        Assert.Contains("line 3: the external key 'k2' belongs to somebody else (1)", Assert.Single(told.Warnings), StringComparison.Ordinal);
        Assert.Equal((0, 4), (told.Added.Persons, told.Present));
    }

    [Fact]
    public void People_of_one_name_and_moment_stay_two()
    {
        var made = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using (var from = To())
        {
            for (var p = 1; p <= 3; p++) from.Enrol(new("Ann") { Created = made }, [new NewSample(KnownPeople.Photo(p, 1))]);
            GalleryExport.Write(from, _folder["out"], null, Token);
        }
        using var to = To();
        for (var run = 0; run < 2; run++)
        {
            var report = GalleryImport.Read(to, _folder["out"], null, Token);
            Assert.Equal(run == 0 ? (3, 0) : (0, 3), (report.Added.Persons, report.Present));
            Assert.Equal([1, 1, 1], to.PersonsNamed("Ann").Select(p => p.Samples));
        }
    }

    /// <summary>Whatever becomes of a value or a byte: a person is refused, or the export is, and what was added is sound.</summary>
    [Fact]
    public void Changed_exports_are_refused_and_never_more()
    {
        var export = Export();
        var files = Directory.GetFiles(export).Order(StringComparer.Ordinal).ToDictionary(f => f, File.ReadAllBytes);
        var random = new Random(16);
        int refused = 0, listed = 0;
        for (var round = 0; round < 400; round++)
        {
            var (path, bytes) = files.ElementAt(random.Next(files.Count));
            File.WriteAllBytes(path,
                path.EndsWith("safetensors", StringComparison.Ordinal) || round % 4 == 0 ? Flipped(bytes, random) : Mutated(bytes, random));
            using (var to = SqliteGallery.Create(_folder["to.db"], KnownPeople.Contract, KnownPeople.Space, new()))
            {
                try
                {
                    if (GalleryImport.Read(to, export, null, Token).Problems.Count > 0) listed++;
                }
                catch (GalleryException)
                {
                    refused++;
                }
                Assert.Empty(to.Check().Problems);
            }
            File.WriteAllBytes(path, bytes);
            foreach (var file in Directory.GetFiles(_folder.Path, "to.db*")) File.Delete(file);
        }
        Assert.True(refused > 50 && listed > 4, $"{refused} refused, {listed} listed");
    }

    static byte[] Flipped(byte[] bytes, Random random)
    {
        var changed = bytes.ToArray();
        for (var i = random.Next(1, 4); i > 0; i--) changed[random.Next(changed.Length)] = (byte)random.Next(256);
        return random.Next(5) == 0 ? changed[..random.Next(changed.Length)] : changed;
    }

    /// <summary>One value of one line is another, or gone, or there twice.</summary>
    static byte[] Mutated(byte[] bytes, Random random)
    {
        string[] values =
        [
            "null", "[]", "[null]", "{}", "-1", "1e999", "9223372036854775807", "9223372036854775808", "\"\"", "\"\\ud800\"", "\"\\u0000\"",
            "true", "0.5", "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999-14:00\"", "\"2024-13-01\"", "\"../../x\"",
            $"\"{new string('x', 300)}\"", new string('[', 70) + new string(']', 70), "1",
        ];
        var lines = Encoding.UTF8.GetString(bytes).TrimEnd('\n').Split('\n');
        var line = random.Next(lines.Length);
        var root = JsonNode.Parse(lines[line])!;
        var nodes = All(root).ToList();
        var node = nodes[random.Next(nodes.Count)];
        const string Place = "\"put it here\"";
        switch (random.Next(5))
        {
            case 0 when node.Parent is JsonObject parent: parent.Remove(node.GetPropertyName()); break;
            case 1 when node.Parent is JsonArray array: array.Add(node.DeepClone()); break;
            default:
                if (node.Parent is null) return Encoding.UTF8.GetBytes(values[random.Next(values.Length)]);
                node.ReplaceWith("put it here");
                break;
        }
        lines[line] = root.ToJsonString().Replace(Place, values[random.Next(values.Length)], StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
    }

    static IEnumerable<JsonNode> All(JsonNode? node)
    {
        if (node is null) yield break;
        yield return node;
        foreach (var child in node is JsonObject o ? o.Select(p => p.Value) : node is JsonArray a ? a : [])
            foreach (var below in All(child)) yield return below;
    }
}
