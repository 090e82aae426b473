namespace EdgeFace.People;

/// <summary>An input that cannot be used, or a place that cannot be written to.</summary>
sealed class InputException(string message, Exception? inner = null) : EdgeFaceException(message, ErrorKind.Input, inner);
