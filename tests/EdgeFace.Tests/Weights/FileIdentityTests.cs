using EdgeFace.Tests.Support;
using EdgeFace.Weights;

namespace EdgeFace.Tests.Weights;

public sealed class FileIdentityTests
{
    [Fact]
    public void All_names_of_a_file_have_one_identity()
    {
        using var folder = new TempFolder();
        var (one, other) = (folder.Write("one", [1]), folder.Write("other", [1]));
        OddFiles.HardLink(one, folder["hard"]);
        File.CreateSymbolicLink(folder["soft"], one);
        var identity = FileIdentity.Of(one);
        Assert.NotNull(identity);
        foreach (var name in (string[])[folder["hard"], folder["soft"], folder["./one"],
            Path.GetRelativePath(Environment.CurrentDirectory, one)]) Assert.Equal(identity, FileIdentity.Of(name));
        Assert.NotEqual(identity, FileIdentity.Of(other));
        Assert.NotEqual(identity, FileIdentity.Of(folder.Path));
        foreach (var missing in (string[])[folder["none"], folder["one/x"], one + "\0", ""]) Assert.Null(FileIdentity.Of(missing));
        File.Delete(one);
        Assert.Equal(identity, FileIdentity.Of(folder["hard"]));
        Assert.Null(FileIdentity.Of(folder["soft"]));
    }

    [Fact]
    public void Kinds_are_told_without_opening()
    {
        using var folder = new TempFolder();
        OddFiles.Pipe(folder["pipe"]);
        using var socket = OddFiles.Socket(folder["socket"]);
        File.CreateSymbolicLink(folder["link"], folder["pipe"]);
        Assert.Equal(FileKind.Regular, FileIdentity.KindOf(folder.Write("file", [])));
        Assert.Equal(FileKind.Folder, FileIdentity.KindOf(folder.Path));
        Assert.Equal(FileKind.Missing, FileIdentity.KindOf(folder["none"]));
        foreach (var special in (string[])[folder["pipe"], folder["socket"], folder["link"], "/dev/null"]) Assert.Equal(FileKind.Special,
            FileIdentity.KindOf(special));
    }
}
