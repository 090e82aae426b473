using System.Diagnostics.CodeAnalysis;

namespace EdgeFace.Vision;

/// <summary>A point in pixels; (0, 0) is the centre of the picture's first pixel, x to the right, y down.</summary>
public readonly record struct Point(float X, float Y);

/// <summary>An upright box in pixels. It may reach beyond the picture.</summary>
public readonly record struct Box(float Left, float Top, float Right, float Bottom)
{
    /// <summary>Width in pixels.</summary>
    public float Width => Right - Left;

    /// <summary>Height in pixels.</summary>
    public float Height => Bottom - Top;

    /// <summary>Area in square pixels.</summary>
    public float Area => Width * Height;

    /// <summary>Area shared with another box, in square pixels.</summary>
    public float Intersection(Box other)
        => Math.Max(0, Math.Min(Right, other.Right) - Math.Max(Left, other.Left))
            * Math.Max(0, Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top));

    /// <summary>Area shared by two boxes over the area of both together, in [0, 1].</summary>
    public float IntersectionOverUnion(Box other)
    {
        var shared = Intersection(other);
        var union = Area + other.Area - shared;
        return union > 0 ? shared / union : 0;
    }
}

/// <summary>The five landmarks of a face, left and right as seen in the picture.</summary>
public readonly record struct Landmarks
{
    [SetsRequiredMembers]
    internal Landmarks(Point leftEye, Point rightEye, Point nose, Point leftMouth, Point rightMouth)
        => (LeftEye, RightEye, Nose, LeftMouth, RightMouth) = (leftEye, rightEye, nose, leftMouth, rightMouth);

    /// <summary>The middle of the eye that lies left in the picture of an upright face: the person's right one.</summary>
    public required Point LeftEye { get; init; }

    /// <summary>The middle of the other eye.</summary>
    public required Point RightEye { get; init; }

    /// <summary>The tip of the nose.</summary>
    public required Point Nose { get; init; }

    /// <summary>The corner of the mouth below <see cref="LeftEye"/>.</summary>
    public required Point LeftMouth { get; init; }

    /// <summary>The other corner.</summary>
    public required Point RightMouth { get; init; }
}

/// <summary>A place in a picture where a face was found; it says nothing of who it is.</summary>
/// <param name="Box">From the top of the forehead to the chin, about.</param>
/// <param name="Landmarks">What the alignment uses.</param>
/// <param name="Score">The detector's confidence in [0, 1]; not a probability.</param>
public sealed record Face(Box Box, Landmarks Landmarks, float Score);
