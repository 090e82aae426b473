namespace EdgeFace;

/// <summary>
/// A model file that cannot be used: missing, damaged, hostile, or of another kind. The message says which file and tensor, what was
/// expected and what was found.
/// </summary>
public sealed class ModelFormatException : EdgeFaceException
{
    /// <summary>A problem that has no expected and found value.</summary>
    public ModelFormatException(string message, Exception? inner = null) : base(message, ErrorKind.Input, inner) { }

    /// <summary>A value that is not what it must be.</summary>
    public ModelFormatException(string file, string? tensor, string expected, string found, Exception? inner = null)
        : base($"{file}: {(tensor is null ? "" : $"tensor '{tensor}': ")}expected {expected}, found {found}", ErrorKind.Input, inner)
        => (File, Tensor, Expected, Found) = (file, tensor, expected, found);

    /// <summary>The file, or the name of embedded memory.</summary>
    public string? File { get; }

    /// <summary>The tensor, where one is to blame.</summary>
    public string? Tensor { get; }

    /// <summary>What should be there.</summary>
    public string? Expected { get; }

    /// <summary>What is there.</summary>
    public string? Found { get; }
}
