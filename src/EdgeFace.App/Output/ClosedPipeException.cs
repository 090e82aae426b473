namespace EdgeFace.App.Output;

/// <summary>Nobody reads any more.</summary>
sealed class ClosedPipeException() : IOException("nobody reads it any more");
