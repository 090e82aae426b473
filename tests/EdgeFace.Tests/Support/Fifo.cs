namespace EdgeFace.Tests.Support;

/// <summary>A FIFO with a reader, who takes everything until the writers are gone.</summary>
sealed class Fifo
{
    readonly Task<byte[]> _read;

    public Fifo(string path)
    {
        ProcessRun.Of("mkfifo", [path]).Succeeds();
        _read = Task.Run(() => File.ReadAllBytes(path));
    }

    public byte[] Content => _read.WaitAsync(TimeSpan.FromMinutes(1)).GetAwaiter().GetResult();
}
