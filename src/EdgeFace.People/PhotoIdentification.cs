using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>Who the faces of a photo are (1:N). A person is named for one of them at most.</summary>
public sealed record PhotoIdentification
{
    /// <summary>The size of the photo.</summary>
    public required PictureSize Size { get; init; }

    /// <summary>The faces, best score of the detector first; none where none was found.</summary>
    public required IReadOnlyList<IdentifiedFace> Faces { get; init; }

    /// <summary>How it was decided.</summary>
    public required Decision Decision { get; init; }

    /// <summary>People in the gallery.</summary>
    public required long Persons { get; init; }

    /// <summary>
    /// Share of searches for people who are not enrolled that would name somebody, expected for a gallery of this size; null where the false match
    /// rate is not known.
    /// </summary>
    public double? ExpectedFpir { get; init; }
}
