namespace EdgeFace.Training;

/// <summary>A recipe or command line that cannot be carried out as written.</summary>
sealed class RecipeException(string message) : EdgeFaceException(message, ErrorKind.Request);
