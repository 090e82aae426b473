using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.App;

/// <summary>Every command that only reads a gallery works where it cannot be written; every other says so in one line.</summary>
[Collection(nameof(EnvironmentVariable))]
public sealed class ReadOnlyGalleryTests : IDisposable
{
    // Of nobody, as Debian and most others number them.
    const string Nobody = "65534";

    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string[][] Reading(string gallery) =>
    [
        ["gallery", "info", "--gallery", gallery], ["gallery", "list", "--gallery", gallery],
        ["gallery", "show", "--gallery", gallery, "--id", "1"], ["gallery", "check", "--gallery", gallery],
        ["gallery", "audit", "--gallery", gallery], ["gallery", "export", _folder["export"], "--gallery", gallery],
        ["gallery", "backup", _folder["backup.db"], "--gallery", gallery],
        ["identify", TestData.Sample("adam-2.jpg"), "--gallery", gallery],
    ];

    string[][] Changing(string gallery) =>
    [
        ["gallery", "rename", "--gallery", gallery, "--id", "1", "--to", "X"], ["gallery", "delete", "--gallery", gallery, "--id", "1"],
        ["gallery", "import", _folder["export"], "--gallery", gallery],
        ["gallery", "merge", "--gallery", gallery, "--into", "1", "--from", "2"], ["gallery", "unmerge", "--gallery", gallery, "2"],
        ["gallery", "move", "--gallery", gallery, "--sample", "1", "--to", "2"],
        ["gallery", "change-key", "--gallery", gallery, "--to", _folder["key"]], ["gallery", "reembed", "--gallery", gallery],
        ["enroll", TestData.Sample("adam-2.jpg"), "--name", "Adam", "--gallery", gallery],
    ];

    [Fact]
    public void On_a_read_only_file_system()
    {
        var there = Directory.CreateDirectory(_folder["there"]).FullName;
        ToolRun.Of("enroll", TestData.Sample("adam-1.jpg"), "--name", "Adam", "--gallery", Path.Combine(there, "people.db")).Succeeds();
        ToolRun.Of("gallery", "new-key", "-o", _folder["key"]).Succeeds();
        using var mounted = MountedFolder.Of(there);
        mounted.Protect();
        foreach (var command in Reading(mounted["people.db"])) ToolRun.Of(command).Succeeds();
        foreach (var command in Changing(mounted["people.db"]))
            ToolRun.Of(command).Fails(3, "people.db", "must be allowed to write the file and its folder");
        Assert.Single(Directory.GetFileSystemEntries(there));
    }

    [Fact]
    public void Of_a_user_who_may_only_read()
    {
        var gallery = _folder["people.db"];
        ToolRun.Of("enroll", TestData.Sample("adam-1.jpg"), "--name", "Adam", "--gallery", gallery).Succeeds();
        if (OperatingSystem.IsWindows() || !ProcessRun.IsThere("setpriv")) Assert.Skip("needs setpriv, to be another user");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(gallery, (UnixFileMode)0b110_100_100);
        var program = AppContext.BaseDirectory.Replace("EdgeFace.Tests", "EdgeFace.App", StringComparison.Ordinal) + "EdgeFace.App";
        var asNobody = new[] { $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", program };
        if (ProcessRun.Of("setpriv", [.. asNobody, "--version"]) is { ExitCode: not 0 } none)
            Assert.Skip($"this user cannot be another one, or that cannot run the program: {none.Error.Trim()}");
        foreach (var command in Reading(gallery).Where(c => c[1] is not ("export" or "backup")))
            ProcessRun.Of("setpriv", [.. asNobody, .. command]).Succeeds();
        var refused = ProcessRun.Of("setpriv", [.. asNobody, .. Changing(gallery)[0]]);
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("must be allowed to write the file and its folder", refused.Error, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder.Path));
    }
}
