using EdgeFace.Files;
using EdgeFace.Weights;
using Microsoft.Win32.SafeHandles;

namespace EdgeFace.Evaluation.Data;

/// <summary>A file open for reading at any place, by any number of threads. Nothing but the bytes asked for is in memory.</summary>
sealed class DataFile : IDisposable
{
    readonly SafeFileHandle _handle;

    /// <exception cref="DataSetException">Missing, a folder, a device, or unreadable.</exception>
    public DataFile(string path, string expected)
    {
        Path = path;
        try
        {
            // Opening a pipe would wait for somebody to write into it.
            if (FileStatus.Of(path).Kind is var kind and (FileKind.Folder or FileKind.Special))
                throw new DataSetException(path, null, expected, kind == FileKind.Folder ? "a folder" : "a device or pipe");
            _handle = File.OpenHandle(path, options: FileOptions.RandomAccess);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataSetException(path, null, expected, "no such file", e);
        }
        catch (Exception e) when (IsOfFileSystem(e))
        {
            throw new DataSetException(path, null, expected, "an unreadable file: " + e.Message, e);
        }
        try
        {
            Length = RandomAccess.GetLength(_handle);
        }
        catch (Exception e) when (IsOfFileSystem(e))
        {
            _handle.Dispose();
            throw new DataSetException(path, null, expected, "a device or pipe", e) { Kind = ErrorKind.Input };
        }
    }

    public string Path { get; }

    public long Length { get; }

    public static bool IsOfFileSystem(Exception e)
        => e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException or System.Security.SecurityException;

    /// <summary>Fills <paramref name="bytes"/> from <paramref name="offset"/> on.</summary>
    /// <exception cref="DataSetException">The file ends before, or the disk fails.</exception>
    /// <exception cref="ObjectDisposedException">The data set was disposed.</exception>
    public void Read(long offset, Span<byte> bytes)
    {
        var read = ReadSome(offset, bytes);
        if (read < bytes.Length) throw new DataSetException(Path, $"byte {offset}", $"{bytes.Length} bytes", $"the file's end after {read}");
    }

    /// <summary>As many bytes as there are, at most the span's length.</summary>
    public int ReadSome(long offset, Span<byte> bytes)
    {
        try
        {
            var done = 0;
            while (done < bytes.Length && RandomAccess.Read(_handle, bytes[done..], offset + done) is > 0 and var read) done += read;
            return done;
        }
        catch (Exception e) when (e is not ObjectDisposedException && IsOfFileSystem(e))
        {
            throw new DataSetException(Path, $"byte {offset}", "readable bytes", e.Message, e);
        }
    }

    public void Dispose() => _handle.Dispose();
}
