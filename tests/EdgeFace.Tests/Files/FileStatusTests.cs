using EdgeFace.Tests.Support;
using EdgeFace.Files;

namespace EdgeFace.Tests.Files;

public sealed class FileStatusTests
{
    [Fact]
    public void All_names_of_a_file_have_one_identity()
    {
        using var folder = new TempFolder();
        var (one, other) = (folder.Write("one", [1]), folder.Write("other", [1]));
        OddFiles.HardLink(one, folder["hard"]);
        File.CreateSymbolicLink(folder["soft"], one);
        var identity = FileStatus.Of(one).Identity;
        Assert.NotNull(identity);
        foreach (var name in (string[])[folder["hard"], folder["soft"], folder["./one"],
            Path.GetRelativePath(Environment.CurrentDirectory, one)]) Assert.Equal(identity, FileStatus.Of(name).Identity);
        Assert.NotEqual(identity, FileStatus.Of(other).Identity);
        Assert.NotEqual(identity, FileStatus.Of(folder.Path).Identity);
        foreach (var missing in (string[])[folder["none"], folder["one/x"], one + "\0", ""]) Assert.Null(FileStatus.Of(missing).Identity);
        File.Delete(one);
        Assert.Equal(identity, FileStatus.Of(folder["hard"]).Identity);
        Assert.Null(FileStatus.Of(folder["soft"]).Identity);
    }

    [Fact]
    public void Kinds_are_told_without_opening()
    {
        using var folder = new TempFolder();
        OddFiles.Pipe(folder["pipe"]);
        using var socket = OddFiles.Socket(folder["socket"]);
        File.CreateSymbolicLink(folder["link"], folder["pipe"]);
        Assert.Equal(FileKind.Regular, FileStatus.Of(folder.Write("file", [])).Kind);
        Assert.Equal(FileKind.Folder, FileStatus.Of(folder.Path).Kind);
        Assert.Equal(FileKind.Missing, FileStatus.Of(folder["none"]).Kind);
        foreach (var special in (string[])[folder["pipe"], folder["socket"], folder["link"], "/dev/null"]) Assert.Equal(FileKind.Special,
            FileStatus.Of(special).Kind);
    }
}
