namespace EdgeFace.Evaluation;

/// <summary>
/// A face that a person annotated: by a box, by four points, or by both. Where there is a box it decides what is the same face, and points serve
/// to measure landmarks.
/// </summary>
/// <param name="Box">The box, or null.</param>
/// <param name="Points">The points, or null; one of the two is there.</param>
public sealed record AnnotatedFace(FaceBox? Box, FacePoints? Points = null)
{
    /// <summary>
    /// Whether it counts neither as found nor as missed, as a face that is hard to see for people too. What is detected there counts neither as
    /// right nor as false.
    /// </summary>
    public bool IsIgnored { get; init; }

    /// <summary>What the annotation calls the face, such as <c>masked</c>; null where it says nothing. Recall is told for each label.</summary>
    public string? Label { get; init; }

    /// <summary>The box, or the one that its points define (<see cref="FacePoints.TemplateBox"/>). Its width is the width of the face.</summary>
    public FaceBox Extent() => Box ?? Points?.TemplateBox() ?? throw new InvalidOperationException("an annotated face has a box or points");

    internal bool IsProper
        => (Box is not null || Points is not null) && Box is not { IsProper: false } && Points is not { IsProper: false } && Extent().IsProper;
}
