namespace EdgeFace.Vision.Detection;

/// <summary>What a search keeps, and how it looks: options that were checked, with what the detector's card adds.</summary>
readonly record struct SearchRules
{
    /// <summary>The least score that is kept.</summary>
    public float MinScore { get; init; }

    /// <summary>The least width that is kept and searched for, in pixels of the picture.</summary>
    public int MinFaceSize { get; init; }

    /// <summary>Turned pictures are searched at every size.</summary>
    public bool AnyOrientation { get; init; }

    /// <summary>The one size that is searched; null for several.</summary>
    public int? WorkingSize { get; init; }

    /// <summary>Checks options, and fills in the least score that the detector's card recommends.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static SearchRules Of(DetectorOptions? options, float recommended)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfNegative(options.MinFaceSize, nameof(options));
        if (options.WorkingSize is { } size) ArgumentOutOfRangeException.ThrowIfLessThan(size, 1, nameof(options));
        if (options.MinScore is { } score and not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(options), score, "the least score lies in (0, 1)");
        return new()
        {
            MinScore = options.MinScore ?? recommended, MinFaceSize = options.MinFaceSize, AnyOrientation = options.AnyOrientation,
            WorkingSize = options.WorkingSize,
        };
    }
}
