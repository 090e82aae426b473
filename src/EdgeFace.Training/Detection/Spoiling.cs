using EdgeFace.Training.Data;
using EdgeFace.Vision;

namespace EdgeFace.Training.Detection;

/// <summary>Makes a view worse: what the network in training sees, and the teacher does not.</summary>
/// <param name="Share">The share of views that are changed.</param>
/// <param name="Strength">Times every range.</param>
/// <param name="MaskShare">The share of those in which faces get a mask.</param>
readonly record struct Spoiling(double Share, double Strength, double MaskShare)
{
    /// <param name="view">side x side x 3 bytes, changed in place.</param>
    /// <param name="faces">Landmarks of the faces in it.</param>
    public void Apply(Span<byte> view, int side, IReadOnlyList<Landmarks> faces, ref SeededRandom random)
    {
        if (!random.Chance(Share)) return;
        if (random.Chance(MaskShare))
            foreach (var face in faces)
                if (random.Chance(0.8)) Mask.Draw(view, side, face, ref random);
        if (random.Chance(0.7)) Light.Recolour(view, Strength, ref random);
        if (random.Chance(0.15)) Dim(view, Math.Exp(-random.Between(0.3, 2.5) * Strength));
        if (random.Chance(0.2)) Light.Gaussian(view, 0.3 + random.Unit() * Strength, side);
        if (random.Chance(0.25)) Light.Noise(view, Strength * 0.7, ref random);
    }

    static void Dim(Span<byte> view, double share)
    {
        Span<byte> table = stackalloc byte[256];
        for (var v = 0; v < table.Length; v++) table[v] = (byte)(v * share + 0.5);
        foreach (ref var value in view) value = table[value];
    }
}
