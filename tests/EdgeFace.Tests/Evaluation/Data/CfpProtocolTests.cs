using System.Text;
using EdgeFace.Evaluation.Data;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Evaluation.Data;

public sealed class CfpProtocolTests
{
    /// <summary>Twenty people with a frontal and a profile image and another frontal one; fold f tests people 2f - 1 and 2f.</summary>
    static TempFolder Cfp(int folds = 10)
    {
        var folder = new TempFolder();
        var (frontal, profile) = (new StringBuilder(), new StringBuilder());
        for (var person = 1; person <= 20; person++)
        {
            frontal.Append($"{2 * person - 1} ../Data/Images/{person:D3}/frontal/01.jpg\n{2 * person} ../Data/Images/{person:D3}/frontal/02.jpg\n");
            profile.Append($"{person} ../Data/Images/{person:D3}/profile/01.jpg \r\n");
            foreach (var file in (string[])["frontal/01.jpg", "frontal/02.jpg", "profile/01.jpg"]) Write($"Data/Images/{person:D3}/{file}", "x");
        }
        Write("Protocol/Pair_list_F.txt", frontal.ToString());
        Write("Protocol/Pair_list_P.txt", profile.ToString());
        for (var fold = 1; fold <= folds; fold++)
        {
            var (p, q) = (2 * fold - 1, 2 * fold);
            Write($"Protocol/Split/FP/{fold:D2}/same.txt", $"{2 * p - 1},{p}\n{2 * q},{q}\n");
            Write($"Protocol/Split/FP/{fold:D2}/diff.txt", $"{2 * p - 1},{q}\n");
            Write($"Protocol/Split/FF/{fold:D2}/same.txt", $"{2 * p - 1},{2 * p}\n");
            Write($"Protocol/Split/FF/{fold:D2}/diff.txt", $"{2 * p - 1},{2 * q}\n");
        }
        return folder;

        void Write(string name, string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
            File.WriteAllText(folder[name], text);
        }
    }

    [Fact]
    public void Frontal_against_profile()
    {
        using var folder = Cfp();
        using var set = CfpProtocol.Read(folder.Path, options: new() { Strict = true });
        Assert.Equal(30, set.Pairs.Count);
        Assert.Equal(Enumerable.Range(1, 10).SelectMany(f => (int[])[f, f, f]), set.Pairs.Select(p => p.Fold));
        Assert.Equal(["005 005 True", "006 006 True", "005 006 False"],
            set.Pairs.Where(p => p.Fold == 3).Select(p => $"{set.Images[p.A].Person} {set.Images[p.B].Person} {p.Same}"));
        Assert.Equal([
            "Data/Images/001/frontal/01.jpg", "Data/Images/001/profile/01.jpg",
            "Data/Images/002/frontal/02.jpg", "Data/Images/002/profile/01.jpg",
        ], set.Images.Take(4).Select(i => i.Name));
        Assert.Empty(set.Problems);
    }

    [Fact]
    public void Frontal_against_frontal()
    {
        using var folder = Cfp();
        using var set = CfpProtocol.Read(folder.Path, CfpPairs.FrontalFrontal, new() { Strict = true });
        Assert.Equal(20, set.Pairs.Count);
        Assert.Equal("Data/Images/002/frontal/02.jpg", set.Images[set.Pairs[1].B].Name);
        Assert.Equal((1, false), (set.Pairs[1].Fold, set.Pairs[1].Same));
    }

    [Fact]
    public void What_does_not_fit_is_reported()
    {
        using var folder = Cfp(folds: 9);
        File.Delete(folder["Data/Images/001/profile/01.jpg"]);
        File.AppendAllText(folder["Protocol/Split/FP/02/same.txt"], "7,99\nseven,4\n7\n");
        File.AppendAllText(folder["Protocol/Pair_list_P.txt"], "1 ../Data/Images/002/profile/01.jpg\n");
        using var set = CfpProtocol.Read(folder.Path);
        Assert.Equal((27, 26), (set.ListedPairs, set.Pairs.Count));
        Assert.Equal((1L, 4L, 1L), (
            set.Problems.CountOf(DataProblemKind.MissingFile),
            set.Problems.CountOf(DataProblemKind.MalformedLine),
            set.Problems.CountOf(DataProblemKind.WrongCount)));
        Assert.Contains(set.Problems,
            p => p.Place == $"{folder["Protocol/Split/FP/02/same.txt"]} line 3" && p.Text.EndsWith("found '7,99'", StringComparison.Ordinal));
        Assert.Throws<DataSetException>(() => CfpProtocol.Read(folder.Path, options: new() { Strict = true }));
    }

    [Fact]
    public void Another_folder_is_refused()
    {
        using var folder = new TempFolder();
        Assert.Equal((Path.Combine(folder.Path, "Protocol", "Pair_list_F.txt"), "no such file"),
            Assert.Throws<DataSetException>(() => CfpProtocol.Read(folder.Path)) switch { var e => (e.File, e.Found) });
        using var half = Cfp();
        File.Delete(half["Protocol/Split/FP/04/diff.txt"]);
        Assert.Equal(half["Protocol/Split/FP/04/diff.txt"], Assert.Throws<DataSetException>(() => CfpProtocol.Read(half.Path)).File);
    }
}
