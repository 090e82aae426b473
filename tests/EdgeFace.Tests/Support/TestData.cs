namespace EdgeFace.Tests.Support;

/// <summary>Where tests find their data: the repository itself, and the shared folder that is never committed.</summary>
static class TestData
{
    public static string Repository { get; } = FindRepository();

    public static string Sample(string name) => Path.Combine(Repository, "samples", name);

    public static string Model(string name) => Path.Combine(Repository, "models", name);

    /// <summary>The path of a file or folder in the shared test data; skips the running test, visibly, where it is missing.</summary>
    public static string Shared(string relative)
    {
        var path = Path.Combine(SharedRoot, relative);
        if (!Path.Exists(path)) Assert.Skip($"needs '{relative}' of the shared test data in ../shared or $EDGEFACE_TEST_DATA (looked at {path})");
        return path;
    }

    static string SharedRoot
        => Environment.GetEnvironmentVariable("EDGEFACE_TEST_DATA") ?? Path.GetFullPath(Path.Combine(Repository, "..", "shared"));

    static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "EdgeFace.slnx"))) return folder.FullName;
        throw new InvalidOperationException("the tests run from a build inside the repository: no EdgeFace.slnx above " + AppContext.BaseDirectory);
    }
}
