namespace EdgeFace.Training.Data;

/// <summary>
/// An endless row of views: every crop once in each round, in an order and with changes that follow from the seed and the view's number alone. So a
/// run that is resumed at a number sees what an uninterrupted one would have seen. Crops beside the others have rounds of their own and an even
/// share of the views.
/// </summary>
/// <param name="chosen">The crops that are shown; all of them if null.</param>
/// <param name="beside">More crops.</param>
/// <param name="besideShare">Their share of the views, in [0, 1).</param>
sealed class ViewSource(CropStore crops, Augmentation augmentation, ulong seed, IReadOnlyList<int>? chosen = null,
    IReadOnlyList<int>? beside = null, double besideShare = 0)
{
    readonly CropOrder _order = new(chosen?.Count ?? crops.Count, seed), _besideOrder = new(beside?.Count ?? 0, ~seed);

    /// <summary>Writes view <paramref name="number"/>: 112 x 112 x 3 bytes.</summary>
    public void Write(long number, Span<byte> view)
    {
        var random = new SeededRandom(seed, (ulong)number);
        crops[CropOf(number)].CopyTo(view);
        augmentation.Apply(view, crops, chosen, ref random);
    }

    /// <summary>The crop of view <paramref name="number"/>.</summary>
    public int CropOf(long number)
    {
        if (beside is { Count: > 0 } && Beside(number) is var before && Beside(number + 1) > before) return beside[_besideOrder[before]];
        var place = _order[beside is { Count: > 0 } ? number - Beside(number) : number];
        return chosen?[place] ?? place;
    }

    // How many of the first views show crops beside.
    long Beside(long views) => (long)Math.Floor(views * besideShare);
}
