using EdgeFace.Tests.Support;

namespace EdgeFace.Training.Tests;

/// <summary>Tables have the rows up to the checkpoint, and lose no others.</summary>
public sealed class RunTableTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Path => _folder["table.csv"];

    [Fact]
    public void Rows_behind_the_checkpoint_are_taken_out()
    {
        File.WriteAllText(Path, "views,loss\n10,1\n20,0.5\n30,0.25\n4");
        var table = new RunTable(Path, ["views", "loss"], views: 20);
        Assert.Equal(20, table.LastViews);
        table.Add(30, [null]);
        Assert.Equal(30, table.LastViews);
        Assert.Equal(["views,loss", "10,1", "20,0.5", "30,"], File.ReadAllLines(Path));
    }

    [Fact]
    public void A_run_that_begins_has_no_rows()
    {
        File.WriteAllText(Path, "views,loss\n0,1\n");
        Assert.Null(new RunTable(Path, ["views", "loss"], views: null).LastViews);
        Assert.Equal("views,loss\n", File.ReadAllText(Path));
    }

    [Fact]
    public void A_table_of_other_columns_is_kept_under_another_name()
    {
        const string First = "views,loss\n10,1\n", Second = "views,loss,right\n20,1,0.5\n";
        File.WriteAllText(Path, First);
        new RunTable(Path, ["views", "loss", "right"], views: 10).Add(20, 1, 0.5);
        Assert.Equal(Second, File.ReadAllText(Path));
        _ = new RunTable(Path, ["views", "gradient"], views: 20);
        Assert.Equal("views,gradient\n", File.ReadAllText(Path));
        Assert.Equal(First, File.ReadAllText(_folder["table.1.csv"]));
        Assert.Equal(Second, File.ReadAllText(_folder["table.2.csv"]));
    }
}
