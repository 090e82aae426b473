namespace EdgeFace.Training;

/// <summary>A run that cannot go on.</summary>
sealed class TrainingException(string message) : EdgeFaceException(message, ErrorKind.Input);
