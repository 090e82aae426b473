namespace EdgeFace.Vision;

/// <summary>A gate cannot be fitted on what was given.</summary>
sealed class GateFitException(string message) : EdgeFaceException(message, ErrorKind.Input);
