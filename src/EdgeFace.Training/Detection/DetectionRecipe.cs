namespace EdgeFace.Training.Detection;

/// <summary>How the views of a detector's network are made, and what its card recommends.</summary>
sealed record DetectionRecipe
{
    /// <summary>Side of the windows of stage 1 in pixels, a multiple of 32.</summary>
    public int Window { get; set; } = 256;

    /// <summary>The share of windows that are mosaics of several pictures.</summary>
    public double MosaicShare { get; set; } = 0.25;

    /// <summary>The share of windows into which faces of other pictures are pasted.</summary>
    public double PasteShare { get; set; } = 0.15;

    /// <summary>The share of changed views in which faces get a mask.</summary>
    public double MaskShare { get; set; } = 0.15;

    /// <summary>The score from which on the teacher's points are learnt.</summary>
    public double PointsFrom { get; set; } = 0.3;

    /// <summary>The score that a cell of an annotated face learns at least.</summary>
    public double AnnotatedScore { get; set; } = 0.7;

    /// <summary>How much more stage 1's score counts where a face is: soft scores of faces rise by its logarithm, as logits.</summary>
    public double FaceWeight { get; set; } = 7.4;

    /// <summary>The share of patches that show a face.</summary>
    public double FaceShare { get; set; } = 0.45;

    /// <summary>The score from which on candidates go to the refiner: written into the card.</summary>
    public double CandidateScore { get; set; } = 0.25;

    /// <summary>The least score that is recommended: written into the card.</summary>
    public double LeastScore { get; set; } = 0.6;

    /// <summary>What is wrong with it, or null.</summary>
    public string? Fault()
    {
        if (Window is < 64 or > 1024 || Window % 32 != 0) return "detection.window is a multiple of 32 from 64 to 1024";
        double[] shares = [MosaicShare, PasteShare, MaskShare, FaceShare, AnnotatedScore];
        if (shares.Any(s => s is not (>= 0 and <= 1))) return "detection: shares and annotatedScore lie in [0, 1]";
        if (PointsFrom is not (> 0 and < 1)) return "detection.pointsFrom lies in (0, 1)";
        if (FaceWeight is not (> 0 and <= 100)) return "detection.faceWeight lies in (0, 100]";
        return CandidateScore is > 0 and < 1 && LeastScore is > 0 and < 1 ? null : "detection: candidateScore and leastScore lie in (0, 1)";
    }
}
