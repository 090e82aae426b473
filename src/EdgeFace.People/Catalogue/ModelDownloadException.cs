namespace EdgeFace.People;

/// <summary>A model cannot be downloaded: the server cannot be reached, or does not give it.</summary>
public sealed class ModelDownloadException : EdgeFaceException
{
    internal ModelDownloadException(string message, Exception inner) : base(message, ErrorKind.Machine, inner) => Kind = ErrorKind.Machine;
}
