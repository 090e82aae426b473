namespace EdgeFace.Training.Detection;

/// <summary>Views of one of the detector's networks and what it is to say of them. A view follows from the seed and its number alone.</summary>
interface IDetectionViews : IDisposable
{
    /// <summary>Side of a view in pixels.</summary>
    int Side { get; }

    /// <summary>Values of a view's targets.</summary>
    int TargetValues { get; }

    /// <summary>What decides the views beside the recipe, in words: a run that goes on must have the same.</summary>
    string About { get; }

    /// <summary>Writes view <paramref name="number"/>: Side x Side x 3 bytes, and its targets. Any number of threads at once.</summary>
    void Write(long number, Span<byte> view, Span<float> targets);
}
