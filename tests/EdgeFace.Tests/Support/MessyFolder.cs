namespace EdgeFace.Tests.Support;

/// <summary>
/// A folder of pictures as it comes from cameras, phones, network disks and archives: what is to be found in it, and what is to be told as
/// passed over.
/// </summary>
sealed class MessyFolder : IDisposable
{
    readonly TempFolder _folder = new(), _elsewhere = new();
    readonly IDisposable _socket;
    readonly List<string> _ignored = [];

    /// <param name="pictures">Names, some in folders, with the sample that lies there.</param>
    public MessyFolder(params ReadOnlySpan<(string Name, string Sample)> pictures)
    {
        foreach (var (name, sample) in pictures) Copy(sample, name);
        Pictures = [.. pictures.ToArray().Select(p => this[p.Name]).Order(StringComparer.Ordinal)];
        foreach (var hidden in (string[])[".x.jpg", "._a.jpg", "@eaDir/a.jpg", "@EADIR/b.jpg", "#recycle/a.jpg", ".git/a.jpg", "__MACOSX/a.jpg",
            "Thumbs.db", "thumbs.DB", "desktop.ini"]) Copy("adam-1.jpg", hidden);
        foreach (var other in (string[])["one.heic", "two.HEIF", "three.avif", "four.TIFF", "five.tif"]) Write(other, ignored: true);
        Write("notes.txt", ignored: false);
        OddFiles.Pipe(Ignored("pipe.jpg"));
        OddFiles.Pipe(Ignored("pipe"));
        _socket = OddFiles.Socket(Ignored("socket.png"));
        Directory.CreateSymbolicLink(Ignored("up"), Path);
        _elsewhere.Write("o.txt", []);
        Directory.CreateSymbolicLink(Ignored("away"), _elsewhere.Path);
        File.CreateSymbolicLink(Ignored("broken.jpg"), this["none.jpg"]);
        File.CreateSymbolicLink(Ignored("device.jpg"), "/dev/zero");
        // After all others, so that the picture is found under its own name.
        OddFiles.HardLink(Pictures[0], Ignored("zz-hard.jpg"));
        File.CreateSymbolicLink(Ignored("zz-soft.jpg"), Pictures[0]);
    }

    public string Path => _folder.Path;

    public IReadOnlyList<string> Pictures { get; }

    public IReadOnlyList<string> PassedOver => _ignored;

    public string this[string name] => _folder[name];

    public void Dispose()
    {
        _socket.Dispose();
        _folder.Dispose();
        _elsewhere.Dispose();
    }

    string Ignored(string name)
    {
        _ignored.Add(this[name]);
        return this[name];
    }

    void Write(string name, bool ignored) => File.WriteAllText(ignored ? Ignored(name) : this[name], "not read");

    void Copy(string sample, string name)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.Copy(TestData.Sample(sample), this[name]);
    }
}
