using EdgeFace.Kernels;

namespace EdgeFace.Models;

/// <summary>The Fourier position encoding of the second stage, projected to the stage's channels (spec section 3). It does not depend on the picture.</summary>
static unsafe class PositionEncoding
{
    const double Temperature = 10000;

    /// <param name="weight">(channels, 2 * 32, 1, 1): a linear map of the Fourier features, y first, then x.</param>
    /// <returns>(side * side, padded channels).</returns>
    public static NativeBuffer Compute(int side, int channels, float[] weight, float[] bias)
    {
        const int hidden = EdgeFaceConfig.FourierHidden;
        var axis = new double[side, hidden];
        for (var p = 0; p < side; p++)
        {
            var position = (p + 1) / (side + 1e-6) * 2 * Math.PI;
            for (var i = 0; i < hidden; i++)
            {
                var angle = position / Math.Pow(Temperature, 2.0 * (i / 2) / hidden);
                axis[p, i] = i % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle);
            }
        }
        var stride = KernelSet.Stride(channels);
        var encoding = new NativeBuffer((long)side * side * stride);
        for (var y = 0; y < side; y++)
            for (var x = 0; x < side; x++)
                for (var c = 0; c < channels; c++)
                {
                    double sum = bias[c];
                    for (var i = 0; i < hidden; i++)
                        sum += weight[c * 2 * hidden + i] * axis[y, i] + weight[c * 2 * hidden + hidden + i] * axis[x, i];
                    encoding.Pointer[(y * side + x) * stride + c] = (float)sum;
                }
        return encoding;
    }
}
