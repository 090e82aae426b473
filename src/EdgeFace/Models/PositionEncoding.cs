using EdgeFace.Kernels;

namespace EdgeFace.Models;

/// <summary>
/// The Fourier position encoding of the second stage, projected to the stage's channels (spec section 3). It does not depend on the picture.
/// </summary>
static unsafe class PositionEncoding
{
    const double Temperature = 10000;
    const int Hidden = EdgeFaceConfig.FourierHidden;

    /// <param name="weight">(channels, 2 * 32, 1, 1): a linear map of the Fourier features, y first, then x.</param>
    /// <returns>(side * side, padded channels): a row's share plus a column's.</returns>
    public static NativeBuffer Compute(int side, int channels, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias)
    {
        double[] rows = new double[side * channels], columns = new double[side * channels];
        Span<double> features = stackalloc double[Hidden];
        for (var p = 0; p < side; p++)
        {
            Fourier(Angle(p, side), features);
            for (var c = 0; c < channels; c++)
            {
                rows[p * channels + c] = bias[c];
                for (var i = 0; i < Hidden; i++)
                {
                    rows[p * channels + c] += weight[c * 2 * Hidden + i] * features[i];
                    columns[p * channels + c] += weight[c * 2 * Hidden + Hidden + i] * features[i];
                }
            }
        }
        var stride = KernelSet.Stride(channels);
        var encoding = new NativeBuffer((long)side * side * stride);
        for (var y = 0; y < side; y++)
            for (var x = 0; x < side; x++)
                for (var c = 0; c < channels; c++)
                    encoding.Pointer[(y * side + x) * stride + c] = (float)(rows[y * channels + c] + columns[x * channels + c]);
        return encoding;
    }

    /// <summary>The Fourier features of every position of a map: (side * side, 2 * 32), y first, then x.</summary>
    public static double[] Features(int side)
    {
        var features = new double[side * side * 2 * Hidden];
        for (var y = 0; y < side; y++)
            for (var x = 0; x < side; x++)
            {
                var at = features.AsSpan((y * side + x) * 2 * Hidden);
                Fourier(Angle(y, side), at[..Hidden]);
                Fourier(Angle(x, side), at[Hidden..(2 * Hidden)]);
            }
        return features;
    }

    static double Angle(int position, int side) => (position + 1) / (side + 1e-6) * 2 * Math.PI;

    static void Fourier(double position, Span<double> features)
    {
        for (var i = 0; i < features.Length; i++)
        {
            var angle = position / Math.Pow(Temperature, 2.0 * (i / 2) / features.Length);
            features[i] = i % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle);
        }
    }
}
