namespace EdgeFace.People;

/// <summary>A model cannot be downloaded: the server cannot be reached, or does not give it.</summary>
public sealed class ModelDownloadException : EdgeFaceException
{
    internal ModelDownloadException(string what, string target, bool isKept, Exception inner)
        : base($"{what}. On a machine without network download it elsewhere and put it at {target}, or use a file; "
            + "the embedded default models need no network." + (isKept ? " What has arrived is kept: the next try goes on from there." : ""),
            ErrorKind.Machine, inner)
        => (Kind, What, Target, IsKept) = (ErrorKind.Machine, what, target, isKept);

    /// <summary>Where the file is to lie.</summary>
    public string Target { get; }

    /// <summary>Whether the next try goes on from what has arrived.</summary>
    public bool IsKept { get; }

    /// <summary>What failed, without advice.</summary>
    internal string What { get; }
}
