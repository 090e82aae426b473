using EdgeFace.Models;

namespace EdgeFace.Vision;

/// <summary>What one change made of a set of faces, each of another person.</summary>
/// <param name="Set">The set's name.</param>
/// <param name="Name">The change.</param>
/// <param name="Kind">Whose centre it forms where it leaves nothing recognisable; null where it forms none.</param>
/// <param name="IsTurned">Each face is judged by itself: some were found as they lie, others as if they were upright.</param>
/// <param name="Faces">The faces.</param>
sealed record GateExamples(string Set, string Name, string? Kind, bool IsTurned, GateExample[] Faces)
{
    // Where a set has few false matches as it is, what comes so near to the threshold is counted instead.
    const long Few = 100;
    const float Near = 0.1f;

    // Of a turned photo whose face was found as if it were upright.
    const float Another = 0.2f;

    const double MostWeight = 5, TurnedWeight = 3;

    /// <summary>How many times as many pairs it may have, for its faces to be examples of recognisable ones.</summary>
    public const double Fine = 1.8;

    const double Risky = 2.5;

    /// <summary>How many times as many pairs of different people reach the threshold, or come near it, as in the set as it was.</summary>
    public double Ratio { get; set; }

    /// <summary>Whether so many do that none of its faces is recognisable. Between the two it is no example of either.</summary>
    public bool IsRisky => Ratio >= Risky;

    /// <summary>Whether so few do that its faces are examples of recognisable ones.</summary>
    public bool IsFine => Ratio <= Fine;

    /// <summary>Sets the ratios of what changes made of one set, which comes first as it was.</summary>
    /// <exception cref="GateFitException">No two people come near the threshold, so there is nothing to compare with.</exception>
    public static void Compare(IReadOnlyList<GateExamples> changes, float threshold)
    {
        var first = changes[0].Faces;
        var least = Alike(first, threshold).Count >= Few ? threshold : threshold - Near;
        var (count, untouched) = Alike(first, least);
        if (count == 0) throw new GateFitException($"no two of {first.Length} people come near the threshold: a gate takes more people");
        foreach (var change in changes) change.Ratio = Alike(change.Faces, least).Share / untouched;
    }

    /// <summary>How many pairs reach a score.</summary>
    public static (long Count, double Share) Alike(GateExample[] faces, float least)
    {
        long count = 0, total = (long)faces.Length * (faces.Length - 1) / 2;
        for (var i = 0; i < faces.Length; i++)
            for (var j = 0; j < i; j++)
                if (Embedding.Dot(faces[i].Vector, faces[j].Vector) >= least) count++;
        return (count, (double)count / Math.Max(1, total));
    }

    /// <summary>Whether one of its faces can be recognised, and how much that counts; 0 where it is not said.</summary>
    public (bool Fine, double Weight) Label(GateExample face, float threshold)
    {
        if (IsTurned) return face.Own >= threshold ? (true, 1) : (false, face.Own < Another ? TurnedWeight : 0);
        if (IsRisky) return (false, Math.Min(MostWeight, Math.Log(Ratio)));
        return (true, IsFine && face.Own >= threshold ? 1 : 0);
    }

    /// <summary>The middle of its embeddings, of length 1.</summary>
    public Half[] Centre()
    {
        var sum = new double[EdgeFaceConfig.EmbeddingSize];
        foreach (var face in Faces)
            for (var i = 0; i < sum.Length; i++) sum[i] += face.Vector[i];
        var length = Math.Sqrt(sum.Sum(v => v * v));
        return [.. sum.Select(v => (Half)(v / length))];
    }
}
