using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeFace.Files;

namespace EdgeFace.Weights;

/// <summary>A whole file for reading: mapped, or a copy of what the caller has in memory.</summary>
sealed unsafe class MappedFile : IDisposable
{
    readonly MemoryMappedFile? _file;
    readonly MemoryMappedViewAccessor? _view;
    // Pinned, and kept by this.
    readonly byte[]? _copy;

    /// <exception cref="ModelFormatException">Missing, a directory, unreadable or empty.</exception>
    public MappedFile(string path)
    {
        using var stream = OpenRead(path);
        Length = stream.Length;
        if (Length == 0) throw new ModelFormatException(path, null, "a model file", "an empty file");
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        Pointer = pointer + _view.PointerOffset;
    }

    /// <summary>A copy, so that nobody changes it once it is checked.</summary>
    public MappedFile(ReadOnlySpan<byte> bytes)
    {
        Length = bytes.Length;
        _copy = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        Pointer = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_copy));
        bytes.CopyTo(_copy);
    }

    public byte* Pointer { get; }
    public long Length { get; }

    /// <summary>All of it; only for files below 2 GiB.</summary>
    public ReadOnlySpan<byte> Span => new(Pointer, checked((int)Length));

    /// <summary>Opens a file, with a clear error for whatever is in the way.</summary>
    public static FileStream OpenRead(string path)
    {
        try
        {
            // Opening a pipe would wait for somebody to write into it.
            if (FileStatus.Of(path).Kind is var kind and (FileKind.Folder or FileKind.Special))
                throw new ModelFormatException(path, null, "a model file", kind == FileKind.Folder ? "a directory" : "a device or pipe");
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            if (stream.CanSeek) return stream;
            stream.Dispose();
            throw new ModelFormatException(path, null, "a model file", "a device or pipe");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelFormatException(path, null, "a model file", "no such file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ModelFormatException(path, null, "a readable model file", e.Message, e);
        }
    }

    public void Dispose()
    {
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
    }
}
