using System.Text;
using EdgeFace.Files;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    const UnixFileMode Shared = AtomicFile.Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    readonly TempFolder _folder = new();

    public AtomicFileTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "rights, links and FIFOs are of Linux");

    public void Dispose() => _folder.Dispose();

    static void Write(string path, string text, UnixFileMode? mode = null)
        => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)), mode);

    string[] Names => [.. Directory.GetFileSystemEntries(_folder.Path).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Fact]
    public void A_new_file_has_the_rights_it_is_to_have_and_an_old_one_keeps_its_own()
    {
        Write(_folder["private"], "1", AtomicFile.Private);
        Assert.Equal(AtomicFile.Private, Rights.Of(_folder["private"]));
        File.WriteAllText(_folder["usual"], "");
        Write(_folder["by umask"], "1");
        Assert.Equal(Rights.Of(_folder["usual"]), Rights.Of(_folder["by umask"]));
        foreach (var mode in (UnixFileMode[])[AtomicFile.Private, Shared, Shared | UnixFileMode.GroupWrite])
        {
            Rights.Set(_folder["usual"], mode);
            Write(_folder["usual"], "2", AtomicFile.Private);
            Assert.Equal((mode, "2"), (Rights.Of(_folder["usual"]), File.ReadAllText(_folder["usual"])));
        }
    }

    [Fact]
    public void Links_are_followed_to_what_is_there_or_will_be()
    {
        Directory.CreateDirectory(_folder["elsewhere"]);
        File.WriteAllText(_folder["elsewhere/file"], "old");
        File.CreateSymbolicLink(_folder["link"], "elsewhere/file");
        File.CreateSymbolicLink(_folder["chain"], "link");
        File.CreateSymbolicLink(_folder["dangling"], "elsewhere/new");
        Write(_folder["chain"], "1");
        Write(_folder["dangling"], "2");
        Assert.Equal(("1", "2"), (File.ReadAllText(_folder["elsewhere/file"]), File.ReadAllText(_folder["elsewhere/new"])));
        Assert.All((string[])["link", "chain", "dangling"], name => Assert.NotNull(new FileInfo(_folder[name]).LinkTarget));
        Assert.Equal(2, Directory.GetFiles(_folder["elsewhere"]).Length);
        File.CreateSymbolicLink(_folder["circle"], "circle");
        Assert.Throws<IOException>(() => Write(_folder["circle/x"], "3"));
    }

    [Fact]
    public void A_fifo_is_written_through_also_by_a_link()
    {
        var fifo = new Fifo(_folder["fifo"]);
        File.CreateSymbolicLink(_folder["link"], "fifo");
        Write(_folder["link"], "through", AtomicFile.Private);
        Assert.Equal("through", Encoding.UTF8.GetString(fifo.Content));
        Assert.Equal(FileKind.Special, FileStatus.Of(_folder["fifo"]).Kind);
        Assert.Equal(["fifo", "link"], Names);
    }

    [Theory, InlineData(".efw"), InlineData(".safetensors"), InlineData(".onnx")]
    public void A_model_goes_through_a_fifo_byte_by_byte_as_into_a_file(string format)
    {
        using var model = DefaultModels.OpenRecogniser();
        model.Save(_folder["file" + format], WeightPrecision.Int8);
        var fifo = new Fifo(_folder["fifo" + format]);
        model.Save(_folder["fifo" + format], WeightPrecision.Int8);
        Assert.Equal(File.ReadAllBytes(_folder["file" + format]), fifo.Content);
    }

    [Fact]
    public void Devices_are_no_files_and_folders_are_refused()
    {
        Assert.Equal(FileKind.Special, FileStatus.Of("/dev/null").Kind);
        Assert.Equal(FileKind.Folder, FileStatus.Of(_folder.Path).Kind);
        Assert.Equal((FileKind.Missing, null), (FileStatus.Of(_folder["missing"]).Kind, FileStatus.Of(_folder["missing"]).Identity));
        Assert.Contains("a folder stands there", Assert.Throws<IOException>(() => Write(_folder.Path, "1")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_fails_leaves_the_old_file_and_nothing_else()
    {
        File.WriteAllText(_folder["file"], "old");
        foreach (var name in (string[])["file", "new"])
        {
            Assert.Throws<IOException>(() => AtomicFile.Write(_folder[name], _ => throw new IOException("full")));
            Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(_folder[name], _ => throw new InvalidOperationException()));
        }
        Assert.Throws<IOException>(() => AtomicFile.WriteNew(_folder["file"], _ => { }));
        Assert.Equal(["file"], Names);
        Assert.Equal("old", File.ReadAllText(_folder["file"]));
    }

    [Fact]
    public void One_file_has_one_place_however_it_is_spelt()
    {
        Directory.CreateDirectory(_folder["a"]);
        File.WriteAllText(_folder["a/x"], "");
        File.WriteAllText(_folder["a/y"], "");
        File.CreateSymbolicLink(_folder["to x"], "a/x");
        Directory.CreateSymbolicLink(_folder["to a"], "a");
        ProcessRun.Of("ln", [_folder["a/x"], _folder["hard"]]).Succeeds();
        var x = FilePlace.Of(_folder["a/x"]);
        Assert.All((string[])["a/../a/./x", "to x", "to a/x", "hard"], name => Assert.Equal(x, FilePlace.Of(_folder[name])));
        Assert.NotEqual(x, FilePlace.Of(_folder["a/y"]));
        Assert.Equal(FilePlace.Of(_folder["a/new"]), FilePlace.Of(_folder["to a/new"]));
        Assert.All((string[])["a/other", "new", "missing/new"],
            name => Assert.NotEqual(FilePlace.Of(_folder["a/new"]), FilePlace.Of(_folder[name])));
    }
}
