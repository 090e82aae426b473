namespace EdgeFace.Files;

/// <summary>
/// Writes a file so that it appears whole or not at all: beside its place, flushed to the disk, then renamed. A link is followed, and a
/// file that is there keeps its rights and owner. A device or FIFO is written to as it is.
/// </summary>
static class AtomicFile
{
    /// <summary>For its owner alone: the rights of new files that hold faces, embeddings, names or keys.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    const int BufferBytes = 64 * 1024;

    /// <param name="write">Writes the content, from front to end: the stream may have no position.</param>
    /// <param name="mode">The rights of a new file; as the system gives them if null.</param>
    /// <exception cref="IOException">It cannot be written, or a folder stands there. Nothing is left behind.</exception>
    public static void Write(string path, Action<Stream> write, UnixFileMode? mode = null)
    {
        switch (FileStatus.Of(path))
        {
            case { Kind: FileKind.Folder }:
                throw new IOException($"{path}: cannot be written: a folder stands there");
            case { Kind: FileKind.Special }:
                Guarded(path, () => Through(path, write));
                break;
            case var former:
                Guarded(path, () => Replace(Target(path), former, write, mode));
                break;
        }
    }

    /// <summary>Writes a file that must not be there yet.</summary>
    /// <exception cref="IOException">Something stands there, or it cannot be written. Nothing is left behind.</exception>
    public static void WriteNew(string path, Action<Stream> write, UnixFileMode? mode = null)
    {
        if (FileStatus.Of(path).Kind != FileKind.Missing || new FileInfo(path).LinkTarget is not null)
            throw new IOException($"{path} exists already; it is not written over");
        Guarded(path, () => Beside(Path.GetFullPath(path), default, write, mode, overwrite: false));
    }

    /// <summary>Makes a folder for its owner alone, if it is not there.</summary>
    public static void CreatePrivateFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, Private | UnixFileMode.UserExecute);
    }

    /// <summary>The full path of what a path means at the end of all links, whether it is there or not.</summary>
    public static string Target(string path)
    {
        var full = Path.GetFullPath(path);
        try
        {
            return new FileInfo(full).LinkTarget is null ? full : File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Links in a circle: whoever opens it is told.
            return full;
        }
    }

    static void Through(string path, Action<Stream> write)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, BufferBytes);
        write(stream);
        stream.Flush();
    }

    static void Replace(string full, FileStatus former, Action<Stream> write, UnixFileMode? mode)
    {
        // Who may not write a file may not put another in its place either.
        if (former.Kind != FileKind.Missing) new FileStream(full, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
        Beside(full, former, write, mode, overwrite: true);
    }

    static void Beside(string full, FileStatus former, Action<Stream> write, UnixFileMode? mode, bool overwrite)
    {
        var partial = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.partial");
        try
        {
            using (var stream = new FileStream(partial, HowToCreate(former.Kind == FileKind.Missing ? mode : Private)))
            {
                former.ApplyTo(stream.SafeFileHandle);
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            if (overwrite) File.Move(partial, full, overwrite: true);
            else NewName.Give(partial, full);
        }
        catch (Exception e)
        {
            if (File.Exists(partial)) File.Delete(partial);
            if (e is IOException or UnauthorizedAccessException)
                throw new IOException(e.Message.Replace(partial, full, StringComparison.Ordinal), e);
            throw;
        }
    }

    static FileStreamOptions HowToCreate(UnixFileMode? mode)
    {
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = BufferBytes };
        if (!OperatingSystem.IsWindows()) how.UnixCreateMode = mode;
        return how;
    }

    static void Guarded(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path}: cannot be written: {e.Message}", e);
        }
    }
}
