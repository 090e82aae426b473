using EdgeFace.Evaluation.Data;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Evaluation.Data;

public sealed class LabelFileTests
{
    static LabelFile Read(TempFolder folder, string text, bool strict = false)
    {
        File.WriteAllText(folder["labels.csv"], text);
        return LabelFile.Read(folder["labels.csv"], new() { Strict = strict });
    }

    static DataSet Set(TempFolder folder)
    {
        foreach (var person in (string[])["Ada", "Bo"])
        {
            Directory.CreateDirectory(folder[person]);
            folder.Write(person + "/1.jpg", [1]);
        }
        return IdentityFolder.Read(folder.Path);
    }

    [Fact]
    public void Groups_of_people_are_those_of_their_images()
    {
        using var folder = new TempFolder();
        using var set = Set(folder);
        var labels = Read(folder, "identity,sex,age\nAda,f,\"30,5\"\nBo,m,\n", strict: true);
        Assert.True(labels.ByPerson);
        Assert.Equal(["sex", "age"], labels.Columns);
        Assert.Equal(("f", "30,5", "m", null), (
            labels.Group(set.Images[0], "sex"), labels.Group(set.Images[0], "age"),
            labels.Group(set.Images[1], "sex"), labels.Group(set.Images[1], "age")));
        Assert.Throws<ArgumentException>(() => labels.Group(set.Images[0], "height"));
    }

    [Fact]
    public void Groups_of_images_are_by_name()
    {
        using var folder = new TempFolder();
        using var set = Set(folder);
        var labels = Read(folder, "image,light\nAda/1.jpg,dark\n");
        Assert.False(labels.ByPerson);
        Assert.Equal(("dark", null), (labels.Group(set.Images[0], "light"), labels.Group(set.Images[1], "light")));
    }

    [Fact]
    public void Malformed_and_contradictory_lines_are_reported()
    {
        using var folder = new TempFolder();
        const string Text = "identity,sex\nAda,f\nBo\nAda,m\nAda,f\n,m\n";
        var labels = Read(folder, Text);
        Assert.Equal(["MalformedLine 3", "ContradictoryLabel 4", "MalformedLine 6"],
            labels.Problems.Select(p => $"{p.Kind} {p.Place.Split(' ')[^1]}"));
        Assert.Equal(1, labels.Count);
        Assert.Throws<DataSetException>(() => Read(folder, Text, strict: true));
    }

    [Theory, InlineData(""), InlineData("identity\nAda\n"), InlineData("name,sex\nAda,f\n"),
        InlineData("identity,sex,sex\nAda,f,f\n"), InlineData("identity,sex\n")]
    public void Other_files_are_refused(string text)
    {
        using var folder = new TempFolder();
        Assert.Equal(folder["labels.csv"], Assert.Throws<DataSetException>(() => Read(folder, text)).File);
    }
}
