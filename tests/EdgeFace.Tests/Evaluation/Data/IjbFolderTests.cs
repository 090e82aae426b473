using System.Text;
using EdgeFace.Evaluation.Data;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Evaluation.Data;

public sealed class IjbFolderTests
{
    static readonly Dictionary<string, string> Lists = new()
    {
        ["face_tid_mid.txt"] = "1.jpg 20 100\n2.jpg 20 100\n3.jpg 20 101\n4.jpg 7 102\n5.jpg 30 103\n1.jpg 30 100\n",
        ["name_5pts_score.txt"] = "1.jpg 46.060 62.026 87.785 60.323 68.851 77.656 52.162 99.875 86.450 98.648 0.999\n"
            + string.Concat(Enumerable.Range(2, 4).Select(i => $"{i}.jpg 1 2 3 4 5 6 7 8 9 10 0.{i}\n")),
        ["template_pair_label.txt"] = "20 7 0\n20 30 1\n",
        ["1N_gallery_G1.csv"] = "TEMPLATE_ID,SUBJECT_ID,FILENAME\n20,5,a\n20,5,b\n",
        ["1N_gallery_G2.csv"] = "TEMPLATE_ID,SUBJECT_ID,FILENAME\n7,6,c\n",
        ["1N_probe_mixed.csv"] = "TEMPLATE_ID,SUBJECT_ID,FILENAME\n30,5,d\n",
    };

    static TempFolder Ijb(string name = "ijbc", params ReadOnlySpan<(string List, string Text)> changes)
    {
        var folder = new TempFolder();
        Directory.CreateDirectory(folder["meta"]);
        Directory.CreateDirectory(folder["loose_crop"]);
        foreach (var (list, text) in Lists) File.WriteAllText(folder[$"meta/{name}_{list}"], text);
        foreach (var (list, text) in changes) File.WriteAllText(folder[$"meta/{name}_{list}"], text);
        for (var i = 1; i <= 5; i++) folder.Write($"loose_crop/{i}.jpg", [(byte)i]);
        return folder;
    }

    static string Text(IEnumerable<TemplatePerson> people) => string.Join(' ', people.Select(p => $"{p.Template}:{p.Person}"));

    [Theory, InlineData("ijbc", "IJB-C"), InlineData("ijbb", "IJB-B")]
    public void Templates_media_and_protocols_are_read(string name, string format)
    {
        using var folder = Ijb(name);
        using var set = IjbFolder.Read(folder.Path, new() { Strict = true });
        Assert.Equal(format, set.Format);
        Assert.Empty(set.Problems);
        var protocol = set.Templates!;
        Assert.Equal([7, 20, 30], protocol.Templates);
        Assert.Equal([new(0, 20, 100), new(1, 20, 100), new(2, 20, 101), new(3, 7, 102), new(4, 30, 103), new(0, 30, 100)], protocol.Images);
        Assert.Equal(6, protocol.ListedImages);
        Assert.Equal([new(20, 7, false), new(20, 30, true)], protocol.Pairs);
        Assert.Equal(("20:5", "7:6", "30:5"), (Text(protocol.Gallery1), Text(protocol.Gallery2), Text(protocol.Probes)));
        Assert.Equal([46.060f, 62.026f, 87.785f, 60.323f, 68.851f, 77.656f, 52.162f, 99.875f, 86.450f, 98.648f], set.Images[0].Face!.Landmarks);
        Assert.Equal((0.999f, 0.5f), (set.Images[0].Face!.Score, set.Images[4].Face!.Score));
        Assert.Equal<byte>([5], set.Images[4].Read());
        Assert.Equal(5, set.Images.Count);
    }

    [Fact]
    public void Missing_pictures_stay_counted_in_their_templates()
    {
        using var folder = Ijb();
        File.Delete(folder["loose_crop/2.jpg"]);
        File.Delete(folder["loose_crop/4.jpg"]);
        using var set = IjbFolder.Read(folder.Path);
        Assert.Equal((2L, 2L), (set.Problems.CountOf(DataProblemKind.MissingFile), set.Problems.Total));
        Assert.Equal([7, 20, 30], set.Templates!.Templates);
        Assert.Equal([new(0, 20, 100), new(1, 20, 101), new(2, 30, 103), new(0, 30, 100)], set.Templates.Images);
        Assert.Equal(6, set.Templates.ListedImages);
        Assert.Throws<DataSetException>(() => IjbFolder.Read(folder.Path, new() { Strict = true }));
    }

    [Theory]
    [InlineData("face_tid_mid.txt", "1.jpg 20\n", "MalformedLine")]
    [InlineData("face_tid_mid.txt", "6.jpg 20 9\n", "WrongCount MissingFile")]
    [InlineData("face_tid_mid.txt", "../meta/ijbc_1N_gallery_G1.csv 20 9\n", "WrongCount MalformedLine")]
    [InlineData("name_5pts_score.txt", "6.jpg 1 2 3 4 5 6 7 8 9 10\n", "MalformedLine")]
    [InlineData("name_5pts_score.txt", "6.jpg 1 2 3 4 5 6 7 8 9 10 NaN\n", "MalformedLine")]
    [InlineData("name_5pts_score.txt", "1.jpg 1 2 3 4 5 6 7 8 9 10 0.5\n", "MalformedLine")]
    [InlineData("template_pair_label.txt", "20 8 1\n", "MalformedLine")]
    [InlineData("template_pair_label.txt", "20 7 2\n", "MalformedLine")]
    [InlineData("template_pair_label.txt", "20 7 1 1\n", "MalformedLine")]
    [InlineData("1N_gallery_G1.csv", "20,6,x\n", "ContradictoryLabel")]
    [InlineData("1N_gallery_G1.csv", "20\n", "MalformedLine")]
    [InlineData("1N_probe_mixed.csv", "21,6,x\n", "MalformedLine")]
    public void Lines_that_do_not_fit_are_reported(string list, string line, string kinds)
    {
        using var folder = Ijb("ijbc", (list, Lists[list] + line));
        using var set = IjbFolder.Read(folder.Path);
        Assert.Equal(kinds, string.Join(' ', set.Problems.Select(p => p.Kind)));
        Assert.All(set.Problems, p => Assert.EndsWith($"{list} line {Lists[list].Count(c => c == '\n') + 1}", p.Place, StringComparison.Ordinal));
        Assert.Equal(2, set.Templates!.Pairs.Count);
    }

    [Fact]
    public void Lists_of_the_protocols_may_be_absent()
    {
        using var folder = Ijb();
        foreach (var list in (string[])["template_pair_label.txt", "1N_gallery_G1.csv", "1N_gallery_G2.csv", "1N_probe_mixed.csv"])
            File.Delete(folder[$"meta/ijbc_{list}"]);
        using var set = IjbFolder.Read(folder.Path);
        Assert.Equal(("MissingFile", 0, 0), (set.Problems.Single().Kind.ToString(), set.Templates!.Pairs.Count, set.Templates.Probes.Count));
    }

    [Fact]
    public void Another_folder_is_refused()
    {
        using var folder = new TempFolder();
        Assert.Equal("neither", Assert.Throws<DataSetException>(() => IjbFolder.Read(folder.Path)).Found);
        using var half = Ijb();
        File.Delete(half["meta/ijbc_name_5pts_score.txt"]);
        Assert.Equal("no such file", Assert.Throws<DataSetException>(() => IjbFolder.Read(half.Path)).Found);
        using var bare = Ijb();
        Directory.Delete(bare["loose_crop"], recursive: true);
        Assert.Equal("no such folder", Assert.Throws<DataSetException>(() => IjbFolder.Read(bare.Path)).Found);
    }

    [Fact]
    public void Changed_lists_are_refused_or_read()
    {
        var random = new Random(20255);
        using var folder = Ijb();
        string[] names = [.. Lists.Keys];
        int read = 0, problems = 0;
        for (var i = 0; i < 1500; i++)
        {
            var name = names[i % names.Length];
            var bytes = Encoding.UTF8.GetBytes(Lists[name]);
            for (var n = random.Next(1, 4); n > 0; n--)
                bytes[random.Next(bytes.Length)] = random.Next(4) == 0 ? (byte)random.Next(256) : (byte)"01 \t\n,.\"-e"[random.Next(10)];
            File.WriteAllBytes(folder[$"meta/ijbc_{name}"], bytes);
            try
            {
                using var set = IjbFolder.Read(folder.Path);
                read++;
                if (set.Problems.Total > 0) problems++;
                Assert.All(set.Templates!.Images, t => Assert.InRange(t.Image, 0, set.Images.Count - 1));
            }
            catch (DataSetException)
            {
            }
            File.WriteAllText(folder[$"meta/ijbc_{name}"], Lists[name]);
        }
        Assert.InRange(read, 200, 1499);
        Assert.InRange(problems, 100, read);
    }
}
