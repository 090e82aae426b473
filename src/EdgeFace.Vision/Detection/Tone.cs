namespace EdgeFace.Vision.Detection;

/// <summary>
/// How the channels of a dark, flat or tinted picture are stretched when it is looked at again: of each, the darkest and the brightest hundredth
/// become black and full. What is embedded stays as it was photographed.
/// </summary>
sealed unsafe class Tone
{
    // Darker, flatter or more tinted than this ordinary pictures are not.
    const double LeastGain = 1.5;

    // What differs by less is noise of one colour, not a picture.
    const int LeastSpan = 8;

    const int Samples = 1 << 16;

    readonly float[] _gain = new float[3], _low = new float[3];

    /// <summary>The stretch of a picture; null where it would change little, or where there is nothing to be seen.</summary>
    public static Tone? Of(PictureLevel picture)
    {
        var step = (int)Math.Max(1, Math.Sqrt((double)picture.Width * picture.Height / Samples));
        Span<int> counts = stackalloc int[3 * 256];
        counts.Clear();
        var total = 0;
        for (var y = step / 2; y < picture.Height; y += step)
        {
            var row = picture.Row(y);
            for (var x = step / 2; x < picture.Width; x += step, total++)
                for (var c = 0; c < 3; c++) counts[256 * c + row[3 * x + c]]++;
        }
        var tone = new Tone();
        int widest = 0, narrowest = 255;
        for (var c = 0; c < 3; c++)
        {
            var of = counts.Slice(256 * c, 256);
            int low = Percentile(of, total / 100), high = Percentile(of, total - 1 - total / 100), span = high - low;
            (widest, narrowest) = (Math.Max(widest, span), Math.Min(narrowest, span));
            (tone._low[c], tone._gain[c]) = (low, 255f / Math.Max(LeastSpan, span));
        }
        return widest >= LeastSpan && 255.0 / Math.Max(1, narrowest) >= LeastGain ? tone : null;
    }

    /// <summary>The value below which so many of the counted lie, the first of them at rank 0.</summary>
    internal static int Percentile(ReadOnlySpan<int> counts, int rank)
    {
        var value = 0;
        for (var below = counts[0]; below <= rank && value < 255; below += counts[value]) value++;
        return value;
    }

    /// <summary>Stretches pixels that were bytes as byte * scale + shift.</summary>
    public void Apply(float* row, int pixels, float scale, float shift)
    {
        for (var c = 0; c < 3; c++)
        {
            float gain = _gain[c], add = shift - (shift + _low[c] * scale) * gain, most = 255 * scale + shift;
            for (var x = 0; x < pixels; x++) row[3 * x + c] = Math.Clamp(row[3 * x + c] * gain + add, shift, most);
        }
    }
}
