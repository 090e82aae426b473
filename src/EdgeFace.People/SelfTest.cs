using System.Reflection;
using System.Runtime.InteropServices;

namespace EdgeFace.People;

/// <summary>
/// Embeds a known pattern with the embedded recogniser and compares with the values of the scalar reference, which are embedded too.
/// </summary>
static class SelfTest
{
    public const string Resource = "edgeface-xs-distilled.selftest";

    public const string Failure = "the self-test failed: this build computes wrong embeddings on this machine. "
        + "Try EDGEFACE_KERNELS=scalar and report it";

    // fp32 kernels of any width agree with the reference to far better than this.
    const double LeastCosine = 0.99999;

    /// <summary>A crop that any program can make: byte i is the top byte of i * 2654435761, modulo 2^32.</summary>
    public static byte[] Pattern()
    {
        var crop = new byte[FaceEmbedder.CropBytes];
        for (var i = 0u; i < crop.Length; i++) crop[i] = (byte)(unchecked(i * 2654435761u) >> 24);
        return crop;
    }

    public static (bool Passed, double Cosine) Run(FaceEmbedder defaultRecogniser)
    {
        var found = new float[defaultRecogniser.Dimension];
        defaultRecogniser.Embed(Pattern(), found);
        double cosine = 0;
        var expected = Expected(found.Length);
        for (var i = 0; i < found.Length; i++) cosine += (double)found[i] * expected[i];
        return (cosine >= LeastCosine, cosine);
    }

    /// <summary>512 normalised values.</summary>
    static float[] Expected(int dimension)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException("the self-test's values are missing from this build");
        var values = new float[dimension];
        stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
