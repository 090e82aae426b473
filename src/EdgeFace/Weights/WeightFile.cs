namespace EdgeFace.Weights;

/// <summary>Opens a model file by what it holds, whatever it is called.</summary>
static class WeightFile
{
    /// <exception cref="ModelFormatException">Missing, unreadable, damaged, hostile, or of no known kind.</exception>
    public static TensorSet Open(string path)
    {
        Span<byte> start = stackalloc byte[8];
        using (var stream = MappedFile.OpenRead(path))
        {
            start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        }
        return ReaderOf(start, path)(new MappedFile(path), path);
    }

    /// <summary>The same of bytes, which are copied; name stands for them in messages.</summary>
    /// <exception cref="ModelFormatException">Damaged, hostile, or of no known kind.</exception>
    public static TensorSet Open(ReadOnlySpan<byte> bytes, string name)
        => ReaderOf(bytes[..Math.Min(8, bytes.Length)], name)(new MappedFile(bytes), name);

    static Func<MappedFile, string, TensorSet> ReaderOf(ReadOnlySpan<byte> start, string path)
    {
        if (start.IsEmpty) throw new ModelFormatException(path, null, "a model file", "an empty file");
        if (EfwFile.IsEfw(start)) return EfwFile.Read;
        if (start.StartsWith("PK\x03\x04"u8)) return PyTorchCheckpoint.Read;
        // safetensors starts with a header length, so that bytes 5 to 8 are zero in any sensible file, and the header with a brace.
        if (start.Length == 8 && start[5..].IndexOfAnyExcept((byte)0) < 0) return SafeTensors.Read;
        throw new ModelFormatException(path, null, "an .efw model, a safetensors file, a PyTorch zip checkpoint or YuNet's ONNX file",
            $"a file that starts with {Convert.ToHexStringLower(start)}");
    }
}
