namespace EdgeFace.Vision;

/// <summary>A picture that cannot be used: missing, damaged, too large, or of a kind that is not read. The message names it and says why.</summary>
public sealed class ImageFormatException(string message, Exception? inner = null) : EdgeFaceException(message, ErrorKind.Input, inner);
