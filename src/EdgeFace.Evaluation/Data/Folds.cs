namespace EdgeFace.Evaluation.Data;

/// <summary>
/// The split of the reference protocol: consecutive parts without shuffling, the first ones longer by one where the count does not divide.
/// </summary>
static class Folds
{
    public const int Usual = 10;

    /// <summary>The fold, from 1, of the pair at <paramref name="index"/> of <paramref name="count"/>.</summary>
    public static int Of(int index, int count)
    {
        var (size, longer) = Math.DivRem(count, Usual);
        var inLonger = longer * (size + 1);
        return 1 + (index < inLonger ? index / (size + 1) : longer + (index - inLonger) / size);
    }
}
