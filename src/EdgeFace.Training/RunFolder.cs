namespace EdgeFace.Training;

/// <summary>The folder of a run, held so that no other run works in it.</summary>
sealed class RunFolder : IDisposable
{
    readonly FileStream _lock;

    /// <summary>Makes the folder where it is missing, holds it, and clears away what a killed session left half written.</summary>
    /// <exception cref="TrainingException">Another run has it.</exception>
    public RunFolder(string path)
    {
        Directory.CreateDirectory(path);
        var name = Path.Combine(path, ".lock");
        try
        {
            _lock = new(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(name))
        {
            throw new TrainingException($"{path}: another run has this folder; wait until it ends, or choose another --out");
        }
        foreach (var partial in Directory.GetFiles(path, ".*.partial")) File.Delete(partial);
    }

    // The file stays: a lock on one that is deleted meanwhile would keep nobody out.
    public void Dispose() => _lock.Dispose();
}
