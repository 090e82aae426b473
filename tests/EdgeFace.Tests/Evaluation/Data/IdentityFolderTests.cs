using EdgeFace.Evaluation.Data;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Evaluation.Data;

public sealed class IdentityFolderTests
{
    static TempFolder Folder(params ReadOnlySpan<(string Name, string Content)> files)
    {
        var folder = new TempFolder();
        foreach (var (name, content) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
            File.WriteAllText(folder[name], content);
        }
        return folder;
    }

    [Fact]
    public void People_and_pictures_come_in_the_order_of_their_bytes()
    {
        using var folder = Folder(("b/2.jpg", "b2"), ("b/10.JPG", "b10"), ("b/notes.txt", ""),
            ("B/1.png", "B1"), ("a/x/1.jpg", "a1"), ("pairs.csv", ""));
        Directory.CreateDirectory(folder["c"]);
        using var set = IdentityFolder.Read(folder.Path, options: new() { Strict = true });
        Assert.Equal(["B/1.png", "b/10.JPG", "b/2.jpg"], set.Images.Select(i => i.Name));
        Assert.Equal(["B", "b"], set.People.Select(p => p.Name));
        Assert.Equal([1, 2], set.People[1].Images);
        Assert.Equal("b10"u8.ToArray(), set.Images[1].Read());
        Assert.Equal(["IgnoredFile pairs.csv", "IgnoredFile x", "EmptyPerson a", "IgnoredFile notes.txt", "EmptyPerson c"],
            set.Problems.Select(p => $"{p.Kind} {Path.GetFileName(p.Place)}"));
    }

    [Fact]
    public void Nested_pictures_belong_to_the_outermost_folder()
    {
        using var folder = Folder(("a/2024/06/1.jpg", "1"), ("a/3.jpg", "3"), ("b/x/2.jpg", "2"));
        using var set = IdentityFolder.Read(folder.Path, nested: true);
        Assert.Equal(["a/3.jpg a", "a/2024/06/1.jpg a", "b/x/2.jpg b"], set.Images.Select(i => $"{i.Name} {i.Person}"));
        Assert.Empty(set.Problems);
    }

    [Fact]
    public void A_circle_of_links_ends()
    {
        using var folder = Folder(("a/1.jpg", "1"));
        Directory.CreateSymbolicLink(folder["a/again"], folder["a"]);
        foreach (var follow in (bool[])[false, true])
        {
            using var set = IdentityFolder.Read(folder.Path, nested: true, new() { FollowLinks = follow });
            Assert.Equal("a/1.jpg", Assert.Single(set.Images).Name);
            Assert.Equal((DataProblemKind.IgnoredFile, folder["a/again"]), (set.Problems.Single().Kind, set.Problems.Single().Place));
        }
    }

    [Fact]
    public void Nothing_to_read_is_an_error()
    {
        using var folder = Folder(("1.jpg", "1"));
        Assert.Equal("none", Assert.Throws<DataSetException>(() => IdentityFolder.Read(folder.Path)).Found);
        Assert.Equal("no such folder", Assert.Throws<DataSetException>(() => IdentityFolder.Read(folder["none"])).Found);
        Assert.Equal("a file", Assert.Throws<DataSetException>(() => IdentityFolder.Read(folder["1.jpg"])).Found);
    }

    [Fact]
    public void A_list_gives_people_and_what_is_wrong()
    {
        using var folder = Folder(("1.jpg", "1"), ("2.jpg", "2"),
            ("list", "image,Identity\n1.jpg,Ada\n2.jpg,Ada\n2.jpg,Bo\n1.jpg,Ada\n3.jpg,Bo\n4.jpg\n../5.jpg,Bo\n"));
        using var set = IdentityFolder.ReadList(folder["list"]);
        Assert.Equal([0, 1], Assert.Single(set.People).Images);
        Assert.Equal(["ContradictoryLabel 4", "MalformedLine 5", "MissingFile 6", "MalformedLine 7", "MalformedLine 8"],
            set.Problems.Select(p => $"{p.Kind} {p.Place.Split(' ')[^1]}"));
        Assert.Throws<DataSetException>(() => IdentityFolder.ReadList(folder["list"], options: new() { Strict = true }));
    }

    [Theory, InlineData("", "an empty list"), InlineData("name,file\n", "names of columns, as 'identity,image'"),
        InlineData("identity,image\nAda,9.jpg\n", "none, and 1 problems")]
    public void Lists_without_anything_are_refused(string list, string says)
    {
        using var folder = Folder(("list", list));
        Assert.Contains(says, Assert.Throws<DataSetException>(() => IdentityFolder.ReadList(folder["list"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Identical_pictures_are_found()
    {
        using var folder = Folder(("a/1.jpg", "one"), ("a/2.jpg", "two"), ("b/1.jpg", "one"), ("b/2.jpg", "three"));
        using var set = IdentityFolder.Read(folder.Path);
        Assert.Equal("'a/1.jpg' of 'a' and 'b/1.jpg' of 'b' are one picture",
            Assert.Single(set.FindIdenticalImages(TestContext.Current.CancellationToken)).Text);
        File.WriteAllText(folder["list"], "same,a,b\n1,a/1.jpg,a/2.jpg\n0,a/1.jpg,b/1.jpg\n0,a/2.jpg,b/2.jpg\n");
        using var pairs = PairsList.Read(folder["list"]);
        Assert.Equal([
            "'a/1.jpg' of 'a' and 'b/1.jpg' of 'b' are one picture",
            "'a/1.jpg' and 'b/1.jpg' are one picture and are listed as different people: likely a wrong label (fold 1)",
        ], pairs.FindIdenticalImages(TestContext.Current.CancellationToken).Select(p => p.Text));
    }

    [Fact]
    public void Pictures_that_vanish_or_are_empty_are_errors_when_they_are_read()
    {
        using var folder = Folder(("a/1.jpg", "1"), ("a/2.jpg", ""));
        using var set = IdentityFolder.Read(folder.Path);
        File.Delete(folder["a/1.jpg"]);
        Assert.Equal("no such file", Assert.Throws<DataSetException>(() => set.Images[0].Read()).Found);
        Assert.Equal("0 bytes", Assert.Throws<DataSetException>(() => set.Images[1].Read()).Found);
    }

    [Fact]
    public void The_shared_folder_has_its_3811_pictures()
    {
        using var set = IdentityFolder.Read(TestData.Shared("lfw"));
        Assert.Equal(3811, set.Images.Count); // counted with find and wc
        Assert.Equal(Directory.GetFiles(TestData.Shared("lfw")).Order(StringComparer.Ordinal),
            set.Problems.Select(p => p.Place)); // they lie beside the people
        Assert.Equal("Aaron_Patterson", set.People[0].Name);
    }
}
