using EdgeFace.Files;
using EdgeFace.Vision;

namespace EdgeFace.App.Output;

/// <summary>Writes results to a file that appears whole or not at all, or to stdout.</summary>
static class ResultFile
{
    /// <summary>Means stdout where a file is named.</summary>
    public const string Stdout = "-";

    /// <param name="mode">The rights of a new file: for its owner alone, unless nothing in it is of people.</param>
    public static void Write(Terminal terminal, string? path, Action<Stream> write, UnixFileMode? mode = AtomicFile.Private)
    {
        if (path is not (null or Stdout))
        {
            AtomicFile.Write(path, write, mode);
            return;
        }
        terminal.Out.Flush();
        write(terminal.OutStream);
    }

    public static void WritePng(Terminal terminal, string path, RgbImage image)
    {
        var png = ImageCodec.EncodePng(image);
        Write(terminal, path, stream => stream.Write(png));
    }
}
