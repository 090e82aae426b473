using System.Text;
using EdgeFace.Evaluation.Data;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Evaluation.Data;

public sealed class PairsListTests
{
    static readonly DataSetOptions Strict = new() { Strict = true };

    /// <summary>A folder with a list and files whose content is their name.</summary>
    static TempFolder Folder(string list, params ReadOnlySpan<string> files)
    {
        var folder = new TempFolder();
        folder.Write("list", Encoding.UTF8.GetBytes(list));
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[file])!);
            folder.Write(file, Encoding.UTF8.GetBytes(file));
        }
        return folder;
    }

    static string Text(DataSet set) => string.Join("; ", set.Pairs.Select(p =>
        $"{p.Fold} {(p.Same ? "same" : "different")} {set.Images[p.A].Name} {set.Images[p.B].Name}"));

    static string Kinds(DataSet set) => string.Join(' ', set.Problems.Select(p => p.Kind));

    [Fact]
    public void Pairs_of_lfw_are_read_with_folds_and_either_ending()
    {
        using var folder = Folder("2\t1\nAda\t1\t2\nAda\t2\tBo\t10\nCy\t1\t3\nCy\t3\tDi Lee\t4\n",
            "Ada/Ada_0001.jpg", "Ada/Ada_0002.png", "Bo/Bo_0010.jpg", "Cy/Cy_0001.jpg", "Cy/Cy_0003.jpg", "Di Lee/Di Lee_0004.jpg");
        using var set = PairsList.Read(folder["list"], options: Strict);
        Assert.Equal("1 same Ada/Ada_0001.jpg Ada/Ada_0002.png; 1 different Ada/Ada_0002.png Bo/Bo_0010.jpg; "
            + "2 same Cy/Cy_0001.jpg Cy/Cy_0003.jpg; 2 different Cy/Cy_0003.jpg Di Lee/Di Lee_0004.jpg", Text(set));
        Assert.Equal(["Ada", "Bo", "Cy", "Di Lee"], set.People.Select(p => p.Name));
        Assert.Equal([0, 0, 1, 2, 2, 3], set.PersonOf);
        Assert.Equal("Ada/Ada_0002.png"u8.ToArray(), set.Images[1].Read());
        Assert.Equal(folder["Ada/Ada_0002.png"], set.Images[1].Path);
        Assert.Empty(set.Problems);
    }

    [Fact]
    public void One_number_in_the_first_line_is_one_fold()
    {
        using var folder = Folder("1\r\nAda\t1\t2\r\nAda\t1\tBo\t1\r\n", "Ada/Ada_0001.jpg", "Ada/Ada_0002.jpg", "Bo/Bo_0001.jpg");
        using var set = PairsList.Read(folder["list"], options: Strict);
        Assert.Equal("1 same Ada/Ada_0001.jpg Ada/Ada_0002.jpg; 1 different Ada/Ada_0001.jpg Bo/Bo_0001.jpg", Text(set));
    }

    [Fact]
    public void Csv_has_columns_in_any_order_and_quotes()
    {
        using var folder = Folder("\uFEFFb,\"same\",A,fold\n\"p/x, \"\"y\"\".jpg\",1,p/1.jpg,3\nq/1.jpg,false,p/1.jpg,4\n",
            "p/1.jpg", "p/x, \"y\".jpg", "q/1.jpg");
        using var set = PairsList.Read(folder["list"], options: Strict);
        Assert.Equal("3 same p/1.jpg p/x, \"y\".jpg; 4 different p/1.jpg q/1.jpg", Text(set));
        Assert.Equal(["p", "q"], set.People.Select(p => p.Name));
    }

    [Fact]
    public void Two_lines_a_pair_have_folds_from_their_order()
    {
        // Twenty pairs of one person, then ten of two, as CPLFW lists them: each fold gets two and one.
        var list = new StringBuilder();
        for (var i = 0; i < 20; i++) list.Append($"A_{i}.jpg 1\nA_{i + 1}.jpg 1\n");
        for (var i = 0; i < 10; i++) list.Append($"A_{i}.jpg 0\nB_{i}.jpg 0\n");
        using var folder = Folder(list.ToString(),
            [.. Enumerable.Range(0, 21).Select(i => $"A_{i}.jpg"), .. Enumerable.Range(0, 10).Select(i => $"B_{i}.jpg")]);
        using var set = PairsList.Read(folder["list"], options: Strict);
        Assert.Equal([.. Enumerable.Range(0, 20).Select(i => i / 2 + 1), .. Enumerable.Range(1, 10)], set.Pairs.Select(p => p.Fold));
        Assert.Equal(20, set.Pairs.TakeWhile(p => p.Same).Count());
        Assert.Equal("A_0.jpg B_0.jpg", $"{set.Images[set.Pairs[20].A]} {set.Images[set.Pairs[20].B]}");
        Assert.Equal(["A", "B"], set.People.Select(p => p.Name));
        // One person in all ten folds: two leaks, one for each person.
        Assert.Equal(2, set.Problems.CountOf(DataProblemKind.FoldLeak));
        Assert.Equal(2, set.Problems.Total);
    }

    [Fact]
    public void Flags_above_one_are_the_folds_of_pairs_of_one_person()
    {
        using var folder = Folder("A_1.jpg 2\nA_2.jpg 2\nB_1.jpg 7\nB_2.jpg 7\nA_1.jpg 0\nB_1.jpg 0\n", "A_1.jpg", "A_2.jpg", "B_1.jpg", "B_2.jpg");
        using var set = PairsList.Read(folder["list"]);
        Assert.Equal("2 same A_1.jpg A_2.jpg; 7 same B_1.jpg B_2.jpg; 1 different A_1.jpg B_1.jpg", Text(set));
    }

    [Theory]
    [InlineData("p/1.jpg p/2.jpg 1\np/1.jpg q/1.jpg 0\n")]
    [InlineData("1 p/1.jpg p/2.jpg\n0 p/1.jpg q/1.jpg\n")]
    [InlineData("p/1.jpg\tp/2.jpg\t1\np/1.jpg\tq/1.jpg\t-1\n")]
    [InlineData("p/1.jpg p/2.jpg\n\np/1.jpg q/1.jpg")]
    [InlineData("p\\1 ./p/2.png\np//1.jpg q/../q/1.jpg")]
    public void Columns_have_the_label_in_front_behind_or_in_the_folders(string list)
    {
        using var folder = Folder(list, "p/1.jpg", "p/2.jpg", "q/1.jpg");
        using var set = PairsList.Read(folder["list"], options: Strict);
        Assert.Equal("1 same p/1.jpg p/2.jpg; 1 different p/1.jpg q/1.jpg", Text(set));
        Assert.Equal(3, set.Images.Count);
    }

    [Fact]
    public void Missing_files_are_listed_and_their_pairs_counted()
    {
        using var folder = Folder("fold,same,a,b\n1,1,p/1.jpg,p/gone.jpg\n1,0,p/1.jpg,q/1.jpg\n2,0,p/gone.jpg,q/lost.jpg\n", "p/1.jpg", "q/1.jpg");
        using var set = PairsList.Read(folder["list"]);
        Assert.Equal("1 different p/1.jpg q/1.jpg", Text(set));
        Assert.Equal((3, 2), (set.ListedPairs, set.Images.Count));
        Assert.Equal([
            $"{folder["list"]} line 2: 'p/gone.jpg' is not in {folder.Path}",
            $"{folder["list"]} line 4: 'q/lost.jpg' is not in {folder.Path}",
        ], set.Problems.Select(p => p.ToString()));
        var refusal = Assert.Throws<DataSetException>(() => PairsList.Read(folder["list"], options: Strict));
        Assert.StartsWith("2 of kind MissingFile, the first: ", refusal.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_folder_is_an_error_that_counts_the_files()
    {
        using var folder = Folder("fold,same,a,b\n1,1,p/1.jpg,p/2.jpg\n");
        Assert.Contains("none of 1, with 2 files missing",
            Assert.Throws<DataSetException>(() => PairsList.Read(folder["list"])).Message, StringComparison.Ordinal);
        Assert.Equal("no such folder", Assert.Throws<DataSetException>(() => PairsList.Read(folder["list"], folder["none"])).Found);
    }

    [Fact]
    public void Malformed_lines_are_reported_with_their_numbers()
    {
        using var folder = Folder("fold,same,a,b\n1,1,p/1.jpg,p/2.jpg\n\n1,2,p/1.jpg,q/1.jpg\n1,1,p/1.jpg\n"
            + "0,1,p/1.jpg,p/2.jpg\n1,0,\"p/1.jpg,q/1.jpg\n1,0,,q/1.jpg\n", "p/1.jpg", "p/2.jpg");
        using var set = PairsList.Read(folder["list"]);
        Assert.Equal("1 same p/1.jpg p/2.jpg", Text(set));
        Assert.Equal(["4", "5", "6", "7", "8"], set.Problems.Select(p => p.Place.Split(' ')[^1]));
        Assert.All(set.Problems, p => Assert.Equal(DataProblemKind.MalformedLine, p.Kind));
        Assert.Throws<DataSetException>(() => PairsList.Read(folder["list"], options: Strict));
    }

    [Theory, InlineData("../secret.jpg"), InlineData("/etc/hostname"), InlineData("p/../../secret.jpg"),
        InlineData("."), InlineData("..\\secret.jpg")]
    public void Names_outside_the_folder_are_malformed(string name)
    {
        using var outer = Folder("", "secret.jpg", "in/p/1.jpg", "in/p/2.jpg");
        outer.Write("in/list", Encoding.UTF8.GetBytes($"same,a,b\n1,p/1.jpg,p/2.jpg\n1,p/1.jpg,{name}\n"));
        using var set = PairsList.Read(outer["in/list"]);
        Assert.Equal("1 same p/1.jpg p/2.jpg", Text(set));
        Assert.Equal("MalformedLine", Kinds(set));
    }

    [Fact]
    public void Contradictions_and_duplicates_are_told_apart()
    {
        using var folder = Folder("same,a,b\n1,x.jpg,y.jpg\n0,y.jpg,x.jpg\n1,x.jpg,y.jpg\n1,z.jpg,z.jpg\n", "x.jpg", "y.jpg", "z.jpg");
        using var set = PairsList.Read(folder["list"]);
        Assert.Equal("ContradictoryLabel DuplicatePair DuplicatePair", Kinds(set));
        Assert.Equal($"{folder["list"]} line 3: 'y.jpg' and 'x.jpg' are listed as different people here "
            + $"and as the same person at {folder["list"]} line 2", set.Problems[0].ToString());
        Assert.EndsWith("'z.jpg' is paired with itself", set.Problems[2].Text, StringComparison.Ordinal);
        Assert.Equal(4, set.Pairs.Count);
        Assert.Empty(set.People);
    }

    [Fact]
    public void Chains_of_pairs_that_contradict_a_pair_are_reported_once()
    {
        using var folder = Folder("same,a,b\n1,w.jpg,x.jpg\n0,w.jpg,y.jpg\n1,x.jpg,y.jpg\n0,y.jpg,z.jpg\n", "w.jpg", "x.jpg", "y.jpg", "z.jpg");
        using var set = PairsList.Read(folder["list"]);
        Assert.Equal($"{folder["list"]} line 3: 'w.jpg' and 'y.jpg' are listed as different people, "
            + "and other pairs of the list make them the same person", set.Problems.Single().ToString());
    }

    [Fact]
    public void Labels_against_the_names_of_folders_are_contradictions()
    {
        var list = new StringBuilder("same,a,b\n");
        for (var i = 1; i <= 9; i++) list.Append($"1,p/1.jpg,p/{i + 1}.jpg\n");
        using var folder = Folder(list.Append("1,p/1.jpg,q/1.jpg\n").ToString(), [.. Enumerable.Range(1, 10).Select(i => $"p/{i}.jpg"), "q/1.jpg"]);
        using var set = PairsList.Read(folder["list"]);
        Assert.Equal(1, set.Problems.CountOf(DataProblemKind.ContradictoryLabel));
        Assert.Contains("'p/1.jpg' and 'q/1.jpg' are listed as the same person, and their names say different people",
            set.Problems.Single(p => p.Kind == DataProblemKind.ContradictoryLabel).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_that_are_no_people_are_not_taken_for_them()
    {
        using var folder = Folder("same,a,b\n1,cam1/1.jpg,cam2/1.jpg\n0,cam1/1.jpg,cam1/2.jpg\n", "cam1/1.jpg", "cam1/2.jpg", "cam2/1.jpg");
        using var set = PairsList.Read(folder["list"]);
        Assert.Empty(set.People);
        Assert.Empty(set.Problems);
        Assert.All(set.PersonOf, p => Assert.Equal(-1, p));
    }

    [Fact]
    public void A_person_in_two_folds_is_a_leak()
    {
        using var folder = Folder("2 1\nAda 1 2\nAda 1 Bo 1\nCy 1 2\nBo 1 Cy 1\n",
            "Ada/Ada_0001.jpg", "Ada/Ada_0002.jpg", "Bo/Bo_0001.jpg", "Cy/Cy_0001.jpg", "Cy/Cy_0002.jpg");
        using var set = PairsList.Read(folder["list"], options: Strict);
        Assert.Equal((DataProblemKind.FoldLeak, "'Bo' is in fold 1 and in fold 2"), (set.Problems.Single().Kind, set.Problems.Single().Text));
    }

    [Theory]
    [InlineData("1 1\nAda 1 2\n", "WrongCount", "the first line announces 2 pairs, and there are 1")]
    [InlineData("1 1\nAda 1 2\nAda one Bo 1\n", "MalformedLine", "expected 'name i j' or 'name i name j', found 'Ada one Bo 1'")]
    [InlineData("1 1\nAda 1 2\nAda 1 Ada 2\n", "ContradictoryLabel DuplicatePair", "their names say the same person")]
    public void Lists_of_lfw_that_do_not_fit_are_reported(string list, string kinds, string says)
    {
        using var folder = Folder(list, "Ada/Ada_0001.jpg", "Ada/Ada_0002.jpg");
        using var set = PairsList.Read(folder["list"]);
        Assert.Equal(kinds.Split(' ')[0], set.Problems.First(p => p.Text.Contains(says, StringComparison.Ordinal)).Kind.ToString());
        Assert.Throws<DataSetException>(() => PairsList.Read(folder["list"], options: Strict));
    }

    [Theory]
    [InlineData("", "an empty file")]
    [InlineData("\n \n", "an empty file")]
    [InlineData("0 300\n", "the number of folds and of pairs of each kind")]
    [InlineData("99999999999 1\n", "expected pairs, found none, and 1 problems")]
    [InlineData("a,b,c\n1,2,3\n", "names of columns with same, a and b")]
    [InlineData("x y z\n", "two paths, and 1 or 0 before or behind them")]
    [InlineData("a b c d e\n", "5 columns")]
    [InlineData("same,a,b\n", "expected pairs, found none")]
    [InlineData("x.jpg y.jpg\n", "expected pairs, found none, and 1 problems")]
    [InlineData("same,a,b\n1,x\0,y\n", "a zero byte")]
    public void Other_files_are_refused(string list, string says)
    {
        using var folder = Folder(list);
        var refusal = Assert.Throws<DataSetException>(() => PairsList.Read(folder["list"]));
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_are_bounded_and_in_utf8()
    {
        using var folder = new TempFolder();
        var most = "same,a,b\n1,x," + new string('y', 16 * 1024 - 4);
        Assert.DoesNotContain("a line of more than", Refusal(Encoding.UTF8.GetBytes(most + "\n")).Message, StringComparison.Ordinal);
        Assert.Equal("line 2", Refusal(Encoding.UTF8.GetBytes(most + "y\n")).Place);
        Assert.Contains("a line of more than 16384 bytes", Refusal(new byte[4 << 20]).Message, StringComparison.Ordinal);
        Assert.Contains("line 2: expected a list of pairs in UTF-8",
            Refusal([.. "same,a,b\n1,"u8, 0xe9, .. ",x\n"u8]).Message, StringComparison.Ordinal);

        DataSetException Refusal(byte[] list) => Assert.Throws<DataSetException>(() => PairsList.Read(folder.Write("list", list)));
    }

    [Fact]
    public void Many_lines_come_in_order_over_the_buffers_ends()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["list"], "same,a,b\n" + string.Concat(Enumerable.Range(0, 40_000).Select(i => $"{i % 2},{i}.jpg,none.jpg\n")));
        folder.Write("39999.jpg", [1]);
        folder.Write("none.jpg", [2]);
        using var set = PairsList.Read(folder["list"]);
        Assert.Equal((40_000, 1, 39_999L), (set.ListedPairs, set.Pairs.Count, set.Problems.CountOf(DataProblemKind.MissingFile)));
        Assert.Equal((10_000, $"{folder["list"]} line 10001"), (set.Problems.Count, set.Problems[^1].Place));
    }

    [Fact]
    public void The_shared_pairs_are_read_without_a_problem()
    {
        var list = TestData.Shared("lfw/pairs.csv");
        using var set = PairsList.Read(list, options: Strict);
        Assert.Empty(set.Problems);
        // 5 folds of 300 and 300, counted with cut, sort and uniq.
        Assert.Equal(10, set.Pairs.CountBy(p => (p.Fold, p.Same)).Count());
        Assert.All(set.Pairs.CountBy(p => (p.Fold, p.Same)), g => Assert.Equal(300, g.Value));
        Assert.All(set.Pairs, p => Assert.Equal(p.Same, set.PersonOf[p.A] == set.PersonOf[p.B]));
        Assert.Equal("Abel_Pacheco/Abel_Pacheco_0004.jpg", set.Images[set.Pairs[0].B].Name);
    }

    [Fact]
    public void Changed_lists_are_refused_or_read()
    {
        string[] lists =
        [
            "2\t1\nAda\t1\t2\nAda\t2\tBo\t1\nBo\t1\t2\nAda\t1\tBo\t2\n",
            "fold,same,a,b\n1,1,\"Ada/Ada_0001.jpg\",Ada/Ada_0002.jpg\n2,0,Ada/Ada_0001.jpg,Bo/Bo_0001.jpg\n",
            "Ada/Ada_0001.jpg 1\nAda/Ada_0002.jpg 1\nAda/Ada_0001.jpg 0\nBo/Bo_0001.jpg 0\n",
            "Ada/Ada_0001.jpg Ada/Ada_0002.jpg 1\nAda/Ada_0001.jpg Bo/Bo_0001.jpg 0\n",
        ];
        using var folder = Folder("", "Ada/Ada_0001.jpg", "Ada/Ada_0002.jpg", "Bo/Bo_0001.jpg", "Bo/Bo_0002.jpg");
        var random = new Random(20254);
        int read = 0, problems = 0;
        for (var i = 0; i < 4000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(lists[i % 4]);
            for (var n = random.Next(1, 5); n > 0; n--)
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)"01 \t\n\r,\"./\\-"[random.Next(12)];
            try
            {
                using var set = PairsList.Read(folder.Write("list", bytes));
                read++;
                if (set.Problems.Total > 0) problems++;
                Assert.All(set.Pairs, p => Assert.True(p.A < set.Images.Count && p.B < set.Images.Count && p.Fold > 0));
            }
            catch (DataSetException)
            {
            }
        }
        Assert.InRange(read, 400, 3900);
        Assert.InRange(problems, 100, read);
    }
}
