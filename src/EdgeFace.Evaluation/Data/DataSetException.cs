namespace EdgeFace.Evaluation.Data;

/// <summary>
/// A data set that cannot be read: missing, damaged, hostile, or of another format. The message says which file and where in it, what was
/// expected and what was found.
/// </summary>
public sealed class DataSetException : EdgeFaceException
{
    /// <param name="file">The file or folder.</param>
    /// <param name="place">Where in it, as "line 3" or "byte 512"; null where the whole is meant.</param>
    /// <param name="expected">What should be there.</param>
    /// <param name="found">What is there.</param>
    public DataSetException(string file, string? place, string expected, string found, Exception? inner = null)
        : base($"{file}: {(place is null ? "" : place + ": ")}expected {expected}, found {found}", ErrorKind.Input, inner)
        => (File, Place, Expected, Found) = (file, place, expected, found);

    /// <summary>Where a folder should be there is a file, or nothing.</summary>
    internal static DataSetException NoFolder(string folder, string expected)
        => System.IO.File.Exists(folder) ? new(folder, null, expected, "a file")
            : new(folder, null, expected, "no such folder") { Kind = ErrorKind.Request };

    /// <summary>The file or folder.</summary>
    public string File { get; }

    /// <summary>Where in it, as "line 3" or "byte 512"; null where the whole is meant.</summary>
    public string? Place { get; }

    /// <summary>What should be there.</summary>
    public string Expected { get; }

    /// <summary>What is there.</summary>
    public string Found { get; }
}
