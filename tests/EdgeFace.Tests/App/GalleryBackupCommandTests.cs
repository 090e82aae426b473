using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.App;

[Collection(nameof(EnvironmentVariable))]
public sealed class GalleryBackupCommandTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Gallery => _folder["people.db"];

    string Copy => _folder["backup.db"];

    [Fact]
    public void Gallery_is_backed_up_and_restored()
    {
        ToolRun.Of("enroll", TestData.Sample("adam-1.jpg"), "--name", "Adam", "--gallery", Gallery).Succeeds();
        var json = ToolRun.Of("gallery", "backup", Copy, "--gallery", Gallery, "--json").Succeeds().Json;
        Assert.Equal(("edgeface.backup.v1", Copy, Gallery, 1, 1), (json.GetProperty("schema").GetString(), json.GetProperty("file").GetString(),
            json.GetProperty("of").GetString(), json.GetProperty("persons").GetInt32(), json.GetProperty("samples").GetInt32()));
        ToolRun.Of("gallery", "backup", Copy, "--gallery", Gallery).Fails(3, "exists already");
        ToolRun.Of("gallery", "delete", "--id", "1", "--gallery", Gallery).Succeeds();
        ToolRun.Of("gallery", "restore", Copy, "--gallery", Gallery).Fails(3, "exists already", "--force");
        Assert.Contains("0 of 0 people", ToolRun.Of("gallery", "list", "--gallery", Gallery).Succeeds().Output, StringComparison.Ordinal);
        Assert.Contains("1 people and 1 samples, all read and sound",
            ToolRun.Of("gallery", "restore", Copy, "--gallery", Gallery, "--force").Succeeds().Output, StringComparison.Ordinal);
        Assert.Contains("Adam", ToolRun.Of("gallery", "list", "--gallery", Gallery).Succeeds().Output, StringComparison.Ordinal);
        ToolRun.Of("gallery", "restore", Copy, "--gallery", _folder["other.db"], "--json").Succeeds();
        File.WriteAllBytes(Copy, File.ReadAllBytes(Copy)[..5000]);
        ToolRun.Of("gallery", "restore", Copy, "--gallery", Gallery, "--force").Fails(3, "backup.db");
        Assert.Contains("Adam", ToolRun.Of("gallery", "list", "--gallery", Gallery).Succeeds().Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("backup")]
    [InlineData("restore")]
    public void Gallery_in_PostgreSQL_is_left_to_PostgreSQL(string command)
        => ToolRun.Of("gallery", command, Copy, "--gallery", "Host=nowhere;Database=faces;Username=u").Fails(2, "pg_dump", "pg_restore");
}
