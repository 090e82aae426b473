using static System.FormattableString;

namespace EdgeFace.Vision;

/// <summary>Why a face cannot be recognised, in words: from facts where facts tell, and else by what the embedding is nearest to.</summary>
static class GateReasons
{
    // Of a face so much may be gone.
    const double MuchOutside = 0.18;

    // In pixels over a face: what is told from less than the second has few false matches no more.
    const double LittleDetail = 18, NarrowFace = 24;

    // Of the estimated yaw, in degrees.
    const double Aside = 45;

    // Of the mean light; of the logarithms of the variance, of the Laplacian's size and of its evenness, which is lower where something of
    // one colour covers the face; and of the share of pixels like their neighbours.
    const double Dark = 0.1, Pale = 5, Noisy = 4.5, Blocks = 1.5, Lines = -0.8, Flat = 0.3;

    /// <param name="quality">Null where the crop is all there is, which may lie any way; faces of a picture were looked at all ways.</param>
    /// <param name="kinds">What each centre was made of.</param>
    /// <param name="cosines">How near each is.</param>
    public static IReadOnlyList<string> Of(in CropFacts crop, FaceQuality? quality, IReadOnlyList<string> kinds, ReadOnlySpan<double> cosines)
    {
        List<string> reasons = [];
        if (CutAt(crop, quality) is { } side) reasons.Add(CutOff(side));
        if (crop.Contrast < Pale) reasons.Add(crop.Light < Dark ? "too dark" : "too little contrast");
        else if (crop.Edges > Noisy) reasons.Add("too noisy");
        else if (quality is { FaceWidth: < (float)NarrowFace }) reasons.Add(Invariant($"too small: {quality.FaceWidth:f0} pixels wide"));
        else if (crop is { Detail: < LittleDetail, Evenness: > Lines }) reasons.Add(Invariant($"too blurred: {crop.Detail:f0} px of detail"));
        else if (crop is { Flat: > Flat, Edges: > Blocks, Evenness: > Lines }) reasons.Add("too compressed");
        if (quality?.Pose is { } pose && Math.Abs(pose.Yaw) > Aside)
            reasons.Add(Invariant($"seen from the side: turned by {Math.Abs(pose.Yaw):f0} degrees"));
        if (reasons.Count == 0) reasons.Add(Nearest(quality is null, kinds, cosines));
        return reasons;
    }

    /// <summary>At which side too much of a face is missing; null where at none.</summary>
    public static PictureSide? CutAt(in CropFacts crop, FaceQuality? quality)
    {
        if (quality is { OutsideAt: { } side, Outside: > MuchOutside }) return side;
        ReadOnlySpan<double> cut = [crop.Cut.Left, crop.Cut.Top, crop.Cut.Right, crop.Cut.Bottom];
        var most = 0;
        for (var i = 1; i < cut.Length; i++)
            if (cut[i] > cut[most]) most = i;
        // A crop that is black throughout is cut off nowhere.
        return cut[most] is > MuchOutside and < 1 ? (PictureSide)most : null;
    }

    static string CutOff(PictureSide side) => side switch
    {
        PictureSide.Left => "cut off at the left",
        PictureSide.Top => "cut off at the top",
        PictureSide.Right => "cut off at the right",
        _ => "cut off at the bottom",
    };

    /// <summary>By the nearest of the centres of what facts do not tell.</summary>
    static string Nearest(bool anyWay, IReadOnlyList<string> kinds, ReadOnlySpan<double> cosines)
    {
        var nearest = -1;
        string? words = null;
        for (var i = 0; i < cosines.Length; i++)
        {
            var of = kinds[i] switch
            {
                "covered" => "eyes or mouth covered",
                "upside-down" => anyWay ? "upside down" : "no upright face",
                "turned-90" or "turned-270" => anyWay ? "turned by 90 degrees" : "no upright face",
                "drawn" => "nothing of a person in it",
                _ => null,
            };
            if (of is not null && (nearest < 0 || cosines[i] > cosines[nearest])) (nearest, words) = (i, of);
        }
        return words ?? "nothing of a person in it";
    }
}
