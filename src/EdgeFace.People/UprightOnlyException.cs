namespace EdgeFace.People;

/// <summary>A detector that finds upright faces only cannot look the other ways up.</summary>
sealed class UprightOnlyException(string detector)
    : EdgeFaceException($"{detector} finds upright faces only: it cannot search in any orientation.", ErrorKind.Request), IEndsAll
{
    public string Detector { get; } = detector;
}
