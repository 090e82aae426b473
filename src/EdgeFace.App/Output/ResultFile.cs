using EdgeFace.Weights;

namespace EdgeFace.App.Output;

/// <summary>Writes results to a file that appears whole or not at all, or to stdout.</summary>
static class ResultFile
{
    public static void Write(Terminal terminal, string? path, Action<Stream> write)
    {
        if (path is not null)
        {
            AtomicFile.Write(path, write);
            return;
        }
        terminal.Out.Flush();
        write(terminal.OutStream);
        terminal.OutStream.Flush();
    }
}
