using System.Numerics;

namespace EdgeFace.Weights;

/// <summary>Whether values are numbers.</summary>
static class Finite
{
    const int Exponent = 0x7F800000;

    /// <summary>Where the first NaN or infinity is, or -1.</summary>
    public static int IndexOfOther(ReadOnlySpan<float> values)
    {
        var most = Vector<int>.Zero;
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            most = Vector.Max(most, new Vector<float>(values[i..]).As<float, int>() & new Vector<int>(int.MaxValue));
        if (Vector.GreaterThanOrEqualAny(most, new Vector<int>(Exponent))) i = 0;
        while (i < values.Length && float.IsFinite(values[i])) i++;
        return i < values.Length ? i : -1;
    }
}
