namespace EdgeFace.Tests.Support;

/// <summary>What every model file, however hostile, must keep to.</summary>
static class Refusal
{
    // For what describes the contents: names, shapes, and the manifests they are compared with. It does not depend on the file.
    const long Slack = 2 << 20;

    /// <summary>Opens a file within twice its size of managed memory; null where it was refused, which may only happen in one way.</summary>
    public static ModelFile? Open(string path, out ModelFormatException? refusal)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        ModelFile? model = null;
        refusal = null;
        try
        {
            model = ModelFile.Open(path);
        }
        catch (ModelFormatException e)
        {
            refusal = e;
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var most = File.Exists(path) ? 2 * new FileInfo(path).Length + Slack : Slack;
        Assert.True(allocated <= most, $"{allocated} bytes were allocated, more than {most}");
        return model;
    }

    /// <summary>The file must be refused, with an error that names it, what was expected, and what was found.</summary>
    public static ModelFormatException Of(string path)
    {
        using var model = Open(path, out var refusal);
        Assert.True(refusal is not null, "the file was not refused");
        Assert.Equal(path, refusal.File);
        Assert.False(string.IsNullOrEmpty(refusal.Expected) || string.IsNullOrEmpty(refusal.Found), refusal.Message);
        Assert.StartsWith(path, refusal.Message, StringComparison.Ordinal);
        return refusal;
    }

    public static ModelFormatException Of(byte[] content)
    {
        using var folder = new TempFolder();
        return Of(folder.Write("model", content));
    }

    /// <summary>Any content must be refused, or open and give every value it promises; true where it opened.</summary>
    public static bool SurvivesAny(string path)
    {
        using var model = Open(path, out _);
        if (model is null) return false;
        try
        {
            model.Verify();
        }
        catch (ModelFormatException)
        {
        }
        return true;
    }
}
