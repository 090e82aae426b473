namespace EdgeFace.Training.Data;

/// <summary>
/// Changes to a crop. Every view is mirrored half of the time. Of the others, the reference loader's are those of the paper's code; ours make new
/// people (composites, warps) and worse pictures (colour, blur, noise, cut-outs, borders), each within its range times a strength.
/// </summary>
/// <param name="Share">The share of views that ours change at all.</param>
/// <param name="Strength">Of our changes, times every range; 1 is strong.</param>
/// <param name="Reference">Whether the reference loader's changes are made, before ours.</param>
/// <param name="NewPeople">Whether ours make new people; not where people are to be told apart.</param>
readonly record struct Augmentation(double Share, double Strength, bool Reference, bool NewPeople = true)
{
    const int Side = FaceEmbedder.CropSize;

    /// <param name="view">112 x 112 x 3 bytes, changed in place.</param>
    /// <param name="others">Where composites take the second face from.</param>
    /// <param name="chosen">Those of them that may be taken; null for all.</param>
    public void Apply(Span<byte> view, CropStore others, IReadOnlyList<int>? chosen, ref SeededRandom random)
    {
        if (random.Chance(0.5)) Mirror(view);
        if (Reference) ReferenceLoader.Apply(view, ref random);
        if (!random.Chance(Share)) return;
        if (NewPeople && random.Chance(0.35))
        {
            var other = random.Below(chosen?.Count ?? others.Count);
            Composite.Apply(view, others[chosen?[other] ?? other], ref random);
        }
        if (NewPeople && random.Chance(0.6)) Warp.Apply(view, Strength, ref random);
        if (random.Chance(0.6)) Light.Recolour(view, Strength, ref random);
        if (random.Chance(0.25)) Light.Blur(view, Strength, ref random);
        if (random.Chance(0.25)) Light.Noise(view, Strength, ref random);
        if (random.Chance(0.12)) Covering.CutOut(view, Strength, ref random);
        if (random.Chance(0.12)) Covering.Border(view, Strength, ref random);
    }

    internal static void Mirror(Span<byte> view, int side = Side)
    {
        for (var y = 0; y < side; y++)
        {
            var row = view.Slice(y * side * 3, side * 3);
            for (int left = 0, right = 3 * (side - 1); left < right; left += 3, right -= 3)
                for (var c = 0; c < 3; c++) (row[left + c], row[right + c]) = (row[right + c], row[left + c]);
        }
    }
}
