namespace EdgeFace.Vision;

/// <summary>
/// Fits a recogniser's gate: faces of many people, changed. What counts as recognisable is measured: whether changed faces match their own, and how
/// many more of other people's reach the threshold, or come near it, than without the change. Then the centres of the embeddings of what is not; a
/// logistic regression; and the limit at which few of the unchanged are refused.
/// </summary>
static class GateFit
{
    /// <summary>The share of unchanged crops that the limit refuses at most.</summary>
    public const double RefusedCrops = 0.008;

    /// <summary>The share of what changes left recognisable that the limit refuses at most, of crops alone.</summary>
    public const double RefusedFine = 0.05;

    /// <summary>Of how many people <see cref="OnCrops"/> takes crops.</summary>
    public const int FewestPeople = 150, MostPeople = 700;

    // One of so many people is held out.
    const int HeldOf = 4;

    const int Seed = 20261201, HeldSeed = 21261201;

    /// <summary>Crops, changed in the ways of <see cref="GateCondition"/>, the first as they are.</summary>
    /// <param name="embedder">The recogniser.</param>
    /// <param name="set">Its name.</param>
    /// <param name="crops">Each of another person.</param>
    /// <param name="seed">Of what is done by chance.</param>
    /// <param name="step">Called after each crop, on any thread.</param>
    public static GateExamples[] OfCrops(FaceEmbedder embedder, string set, IReadOnlyList<RgbImage> crops, int seed, Action? step = null)
    {
        var conditions = GateCondition.All;
        var shown = crops.AsParallel().AsOrdered().Select((crop, i) =>
        {
            var untouched = embedder.Embed(crop.Pixels).Vector.ToArray();
            var seen = conditions.Select(c => See(embedder, c.Change(crop, new Random(seed + i)).Pixels, untouched)).ToArray();
            step?.Invoke();
            return seen;
        }).ToArray();
        return [.. conditions.Select((c, k) => new GateExamples(set, c.Name, c.Kind, false, [.. shown.Select(s => s[k])]))];
    }

    /// <summary>Fits a gate on crops alone: on those of three of four people, and judges it by the others.</summary>
    /// <param name="embedder">The recogniser.</param>
    /// <param name="crops">Each of another person; <see cref="FewestPeople"/> to <see cref="MostPeople"/>.</param>
    /// <param name="threshold">The cosine from which two faces are of one person.</param>
    /// <param name="step">Called after each crop, on any thread.</param>
    /// <returns>The gate, and the crops of the others as they are and changed.</returns>
    /// <exception cref="GateFitException">Too few people, or they are too unlike each other.</exception>
    public static (FittedGate Gate, GateExamples[] Held) OnCrops(FaceEmbedder embedder, IReadOnlyList<RgbImage> crops, float threshold,
        Action? step = null)
    {
        if (crops.Count < FewestPeople) throw new GateFitException($"a gate takes crops of {FewestPeople} people or more, these are {crops.Count}");
        var fitted = OfCrops(embedder, "fitted", [.. crops.Where((_, i) => i % HeldOf != 0)], Seed, step);
        GateExamples.Compare(fitted, threshold);
        // Where few people are fitted on, the untouched alone would leave the limit so high that small and soft faces were refused too.
        GateExample[] fine = [.. fitted.SelectMany(g => g.Faces.Where(f => g.Label(f, threshold) is (true, > 0)))];
        var gate = Of(fitted, threshold, (fitted[0], RefusedCrops), (fitted[0] with { Faces = fine }, RefusedFine));
        var held = OfCrops(embedder, "held", [.. crops.Where((_, i) => i % HeldOf == 0)], HeldSeed, step);
        return (gate, [.. held.Zip(fitted, (h, f) => h with { Ratio = f.Ratio })]);
    }

    /// <summary>Fits a gate.</summary>
    /// <param name="all">The examples, compared.</param>
    /// <param name="threshold">The cosine from which two faces are of one person.</param>
    /// <param name="untouched">Examples as they were, and which share of them the limit may refuse.</param>
    /// <exception cref="GateFitException">Nothing tells what is recognisable from what is not.</exception>
    public static FittedGate Of(IReadOnlyList<GateExamples> all, float threshold, params ReadOnlySpan<(GateExamples Faces, double Share)> untouched)
    {
        if (!all.Any(g => g.IsRisky) || !all.Any(g => g.Faces.Any(f => g.Label(f, threshold) is (true, > 0))))
            throw new GateFitException("what spoils faces makes them no more alike to this recogniser, or nothing leaves them as they were: "
                + "it has no use for a gate");
        // A card holds so many centres; of more, those of what spoils faces most.
        var least = all.Where(g => g.Kind is not null).Select(g => g.Ratio).OrderDescending().ElementAtOrDefault(ModelGate.MostKinds);
        GateExamples[] risky = [.. all.Where(g => g.Kind is not null && g.IsRisky && g.Ratio > least)];
        Half[][] stored = [.. risky.Select(g => g.Centre())];
        var centres = Vectors(stored);
        List<RegressionRow> rows = [.. all.SelectMany(g => g.Faces.Select(f => (f, of: g.Label(f, threshold))).Where(x => x.of.Weight > 0)
            .Select(x => new RegressionRow(x.f.Values(centres), x.of.Fine, x.of.Weight)))];
        var (bias, weights) = LogisticRegression.Fit(rows);
        var limit = double.PositiveInfinity;
        foreach (var (faces, share) in untouched)
        {
            var scores = faces.Faces.Select(f => FaceGate.Score(bias, weights, f.Values(centres))).Order();
            limit = Math.Min(limit, scores.ElementAt((int)(share * faces.Faces.Length)));
        }
        return new(LogisticRegression.Rounded(limit), bias, weights, [.. risky.Select(g => g.Kind!)], stored);
    }

    /// <summary>Stored centres as they are read again: rounded, and then of length 1.</summary>
    internal static float[][] Vectors(Half[][] centres) =>
    [
        .. centres.Select(c =>
        {
            float[] vector = [.. c.Select(h => (float)h)];
            Embedding.Normalise(vector, "the gate's centre");
            return vector;
        }),
    ];

    static GateExample See(FaceEmbedder embedder, ReadOnlySpan<byte> crop, ReadOnlySpan<float> untouched)
    {
        var vector = embedder.Embed(crop).Vector.ToArray();
        return new(vector, CropFacts.Of(crop), Embedding.Dot(vector, untouched));
    }
}
