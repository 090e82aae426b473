namespace EdgeFace.Gallery;

/// <summary>An export cannot be read any further, as opposed to a person who is refused.</summary>
sealed class ExportDamagedException : GalleryException
{
    public ExportDamagedException(string message) : base(message) => Kind = ErrorKind.Input;

    public ExportDamagedException(string message, Exception inner) : base(message, inner)
        => Kind = KindOf(inner) == ErrorKind.Machine ? ErrorKind.Machine : ErrorKind.Input;
}
