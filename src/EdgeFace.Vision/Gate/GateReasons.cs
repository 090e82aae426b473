namespace EdgeFace.Vision;

/// <summary>Why a face cannot be recognised, in words.</summary>
static class GateReasons
{
    // A fifth of a face may be gone.
    const double MuchOutside = 0.2, MuchBlank = 0.2;

    // Mean light and variance, in 8-bit levels, of which little is left in eight bits.
    const double Dark = 12;

    /// <param name="kind">What the nearest centre was made of.</param>
    public static IReadOnlyList<string> Of(in CropFacts crop, FaceQuality? quality, string kind)
    {
        List<string> reasons = [];
        if (quality is { OutsideAt: { } side, Outside: > MuchOutside }) reasons.Add(CutOff(side));
        else if (crop.Blank is > MuchBlank and < 1) reasons.Add(CutOff(crop.BlankAt));
        if (crop.Light * 255 < Dark) reasons.Add("too dark");
        if (Words(kind) is { } words && (reasons.Count == 0 || kind is "upside-down" or "turned-90" or "turned-270" or "covered")) reasons.Add(words);
        if (reasons.Count == 0) reasons.Add("nothing of a person in it");
        return reasons;
    }

    static string CutOff(PictureSide side) => side switch
    {
        PictureSide.Left => "cut off at the left",
        PictureSide.Top => "cut off at the top",
        PictureSide.Right => "cut off at the right",
        _ => "cut off at the bottom",
    };

    static string? Words(string kind) => kind switch
    {
        "blurred" or "small" => "too blurred or too small",
        "compressed" => "too compressed or too small",
        "covered" => "eyes or mouth covered",
        "upside-down" => "upside down",
        "turned-90" or "turned-270" => "turned by 90 degrees",
        "dark" => "too dark",
        "pale" => "too little contrast",
        "noisy" => "too noisy",
        "cut-off" => "cut off",
        _ => null,
    };
}
