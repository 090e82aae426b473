using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>A picture to be enrolled, and whose face it shows.</summary>
/// <param name="File">The picture's path.</param>
/// <param name="Person">
/// Who: found by the external key, or without one by the name, and added where nobody is found. Who is found keeps name and metadata.
/// </param>
public sealed record EnrolmentItem(string File, NewPerson Person)
{
    /// <summary>The number of somebody who is in the gallery already; null where name or key say who it is.</summary>
    public long? PersonId { get; init; }

    /// <summary>Which face of this picture; null for <see cref="BulkEnrolmentOptions.Face"/>. Of crops it has no meaning.</summary>
    public FaceChoice? Face { get; init; }

    /// <summary>
    /// Where the face is that is meant, in pixels of the upright picture, instead of <see cref="Face"/>: the one that shares most with it, at least
    /// half of the area of both together.
    /// </summary>
    public Box? Box { get; init; }

    /// <summary>Whether somebody said which face of this very picture is meant.</summary>
    internal bool NamesFace => Face is not null || Box is not null;
}
