namespace EdgeFace.Vision;

/// <summary>Why a face cannot be recognised, in words.</summary>
static class GateReasons
{
    // A fifth of a face may be gone.
    const double MuchOutside = 0.2, MuchBlank = 0.2;

    // Of mean light, of the logarithm of the variance, and of the share of the finest detail: without it, what is nearest in light, contrast or noise
    // is something else.
    const double Dark = 25, Pale = 5, Noisy = -2.5;

    /// <param name="kinds">What each centre was made of.</param>
    /// <param name="cosines">How near each is.</param>
    public static IReadOnlyList<string> Of(in CropFacts crop, FaceQuality? quality, IReadOnlyList<string> kinds, ReadOnlySpan<double> cosines)
    {
        var kind = Nearest(crop, kinds, cosines);
        List<string> reasons = [];
        if (quality is { OutsideAt: { } side, Outside: > MuchOutside }) reasons.Add(CutOff(side));
        else if (crop.Blank is > MuchBlank and < 1) reasons.Add(CutOff(crop.BlankAt));
        if (IsDark(crop)) reasons.Add("too dark");
        if (Words(kind) is { } words && (reasons.Count == 0 || kind is "upside-down" or "turned-90" or "turned-270" or "covered")) reasons.Add(words);
        if (reasons.Count == 0) reasons.Add("nothing of a person in it");
        return reasons;
    }

    static bool IsDark(in CropFacts crop) => crop.Light * 255 < Dark && crop.Contrast < Pale;

    /// <summary>The kind of the nearest centre that the facts do not rule out; null where they rule out all.</summary>
    static string? Nearest(in CropFacts crop, IReadOnlyList<string> kinds, ReadOnlySpan<double> cosines)
    {
        var nearest = -1;
        for (var i = 0; i < cosines.Length; i++)
        {
            var possible = kinds[i] switch
            {
                "dark" => IsDark(crop),
                "pale" => crop.Contrast < Pale,
                "noisy" => crop.Fine > Noisy,
                "cut-off" => crop.Blank > MuchBlank,
                _ => true,
            };
            if (possible && (nearest < 0 || cosines[i] > cosines[nearest])) nearest = i;
        }
        return nearest < 0 ? null : kinds[nearest];
    }

    static string CutOff(PictureSide side) => side switch
    {
        PictureSide.Left => "cut off at the left",
        PictureSide.Top => "cut off at the top",
        PictureSide.Right => "cut off at the right",
        _ => "cut off at the bottom",
    };

    static string? Words(string? kind) => kind switch
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
