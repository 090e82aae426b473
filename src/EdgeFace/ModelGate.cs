using System.Runtime.InteropServices;
using EdgeFace.Models;

namespace EdgeFace;

/// <summary>
/// By what a recogniser's embeddings and crops show that a face cannot be recognised: a logistic regression over facts of the crop and the cosines
/// of the embedding to centres where unrecognisable faces gather. <c>EdgeFace.Vision.FaceGate</c> applies it.
/// </summary>
/// <param name="Limit">The score from which a face is recognisable, in (0, 1).</param>
/// <param name="Bias">The constant term.</param>
/// <param name="Facts">The weight of each of <see cref="FactNames"/>.</param>
/// <param name="Nearest">The weight of the highest of the cosines.</param>
/// <param name="Kinds">What each centre was made of, e.g. <c>blurred</c>; 1 to 32.</param>
/// <param name="KindWeights">The weight of the cosine to each centre.</param>
/// <param name="Centres">The centres, one after another, in base64: 512 little-endian 16-bit floats each.</param>
/// <param name="Source">On what it was fitted, and by which command.</param>
public sealed record ModelGate(double Limit, double Bias, IReadOnlyDictionary<string, double> Facts, double Nearest, IReadOnlyList<string> Kinds,
    IReadOnlyList<double> KindWeights, string Centres, string Source)
{
    /// <summary>How many centres there are at most.</summary>
    internal const int MostKinds = 32;

    const int LongestKind = 40;
    const double MostWeight = 1e6;

    /// <summary>The facts of a crop of which each product of two has a weight too, in order.</summary>
    internal static readonly string[] Multiplied = ["contrast", "fine", "medium", "coarse", "light", "evenness", "flat", "clipped", "edges"];

    /// <summary>The facts of a crop that have a weight (docs/quality.md), in order.</summary>
    public static IReadOnlyList<string> FactNames { get; } =
        [.. Multiplied, "cutTop", "cutBottom", "cutSides", .. Multiplied.SelectMany((a, i) => Multiplied.Take(i + 1).Select(b => $"{b}*{a}"))];

    /// <summary>Centre i as 512 values of length 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such centre.</exception>
    public float[] Centre(int i)
    {
        var halves = MemoryMarshal.Cast<byte, Half>(Convert.FromBase64String(Centres))
            .Slice(i * EdgeFaceConfig.EmbeddingSize, EdgeFaceConfig.EmbeddingSize);
        var centre = new float[halves.Length];
        for (var j = 0; j < centre.Length; j++) centre[j] = (float)halves[j];
        Embedding.Normalise(centre, "the gate's centre");
        return centre;
    }

    /// <summary>What is wrong with it, or null.</summary>
    internal string? Fault()
    {
        if (!(Limit is > 0 and < 1)) return "gate.limit lies between 0 and 1, both excluded";
        if (Facts.Count != FactNames.Count || !FactNames.All(Facts.ContainsKey))
            return $"gate.facts has a weight for each of {string.Join(", ", FactNames)}";
        if (Kinds.Count is < 1 or > MostKinds || Kinds.Any(k => k is not { Length: > 0 and <= LongestKind }))
            return $"gate.kinds has 1 to {MostKinds} names of 1 to {LongestKind} characters";
        if (KindWeights.Count != Kinds.Count) return $"gate.kindWeights has {Kinds.Count} weights, as many as gate.kinds";
        // Larger ones could add up to what is no number.
        if (!((double[])[Bias, Nearest, .. Facts.Values, .. KindWeights]).All(w => Math.Abs(w) <= MostWeight))
            return FormattableString.Invariant($"the weights of the gate are finite and lie within {MostWeight:n0} on both sides of 0");
        var bytes = new byte[Kinds.Count * EdgeFaceConfig.EmbeddingSize * 2];
        if (!Convert.TryFromBase64String(Centres, bytes, out var written) || written != bytes.Length)
            return $"gate.centres is base64 of {bytes.Length} bytes: {Kinds.Count} centres of {EdgeFaceConfig.EmbeddingSize} 16-bit floats";
        foreach (var row in bytes.Chunk(EdgeFaceConfig.EmbeddingSize * 2))
        {
            var values = MemoryMarshal.Cast<byte, Half>(row).ToArray();
            if (!values.All(Half.IsFinite) || values.All(v => v == Half.Zero)) return "each of gate.centres has finite values, not all of them zero";
        }
        return null;
    }
}
