namespace EdgeFace.Tests.Support;

/// <summary>A folder that is gone when the test ends.</summary>
sealed class TempFolder : IDisposable
{
    // In memory where there is such a place: the fuzz tests write thousands of small files.
    static readonly string Root = Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath();

    public string Path { get; } = Directory.CreateDirectory(System.IO.Path.Combine(Root, $"edgeface-{Guid.NewGuid():N}")).FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, byte[] content)
    {
        File.WriteAllBytes(this[name], content);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
