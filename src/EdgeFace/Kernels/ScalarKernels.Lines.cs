namespace EdgeFace.Kernels;

/// <summary>What runs over maps and pictures line by line.</summary>
unsafe partial class ScalarKernels
{
    public override void DepthwiseRow(float* above, float* row, float* below, PackedDepthwise weight, float* output, int columns, bool relu)
    {
        if (weight.Kernel != 3) throw new ArgumentException($"a kernel of 3 x 3 is expected, not {weight.Kernel}", nameof(weight));
        var step = Stride(weight.Channels);
        for (var x = 0; x < columns; x++)
            for (var c = 0; c < step; c++)
            {
                var sum = weight.Bias[c];
                for (var kx = 0; kx < 3; kx++)
                {
                    var at = (x * weight.Stride + kx) * step + c;
                    var tap = weight.Weights + kx * step + c;
                    sum += above[at] * tap[0] + row[at] * tap[3 * step] + below[at] * tap[6 * step];
                }
                output[x * step + c] = relu ? MathF.Max(sum, 0) : sum;
            }
    }

    public override void StemRow(float* above, float* row, float* below, PackedMatrix weight, float* output, int columns)
    {
        if (weight.Inputs != 27) throw new ArgumentException($"27 inputs are expected, not {weight.Inputs}", nameof(weight));
        var width = Stride(weight.Outputs);
        var patch = stackalloc float[27];
        for (var x = 0; x < columns; x++)
        {
            for (var i = 0; i < 9; i++) (patch[i], patch[9 + i], patch[18 + i]) = (above[6 * x + i], row[6 * x + i], below[6 * x + i]);
            Gemm(patch, 27, weight, output + x * width, width, 1, Activation.Relu);
        }
    }

    public override void MaxPoolRow(float* top, float* bottom, float* output, int columns, int channels)
    {
        for (var x = 0; x < columns; x++)
            for (var c = 0; c < channels; c++)
            {
                int left = 2 * x * channels + c, right = left + channels;
                output[x * channels + c] = MathF.Max(MathF.Max(top[left], top[right]), MathF.Max(bottom[left], bottom[right]));
            }
    }

    public override void AddDoubledRow(float* coarser, float* row, int columns, int channels)
    {
        for (var x = 0; x < columns; x++)
            for (var c = 0; c < channels; c++) row[x * channels + c] += coarser[x / 2 * channels + c];
    }

    public override void MixBytes(byte* a, byte* b, float share, float scale, float shift, float* output, int count)
    {
        for (var i = 0; i < count; i++) output[i] = (a[i] + (b[i] - a[i]) * share) * scale + shift;
    }

    public override void MixPixels(float* row, int* first, float* shares, float* output, int columns)
    {
        for (var x = 0; x < columns; x++)
            for (var c = 0; c < 3; c++)
            {
                float left = row[first[x] + c], right = row[first[x] + 3 + c];
                output[3 * x + c] = left + (right - left) * shares[x];
            }
    }

    public override void HalveRow(byte* top, byte* bottom, byte* output, int columns)
    {
        for (var x = 0; x < columns; x++)
            for (var c = 0; c < 3; c++)
            {
                int left = 6 * x + c, right = left + 3;
                output[3 * x + c] = (byte)((top[left] + top[right] + bottom[left] + bottom[right] + 2) >> 2);
            }
    }

    public override void SampleLine(byte* picture, int rowBytes, double x, double y, double dx, double dy, float scale, float shift, float* output,
        int columns)
    {
        for (var i = 0; i < columns; i++)
        {
            double atX = x + i * dx, atY = y + i * dy;
            int x0 = (int)atX, y0 = (int)atY;
            float right = (float)(atX - x0), down = (float)(atY - y0);
            var p = picture + (long)y0 * rowBytes + 3 * x0;
            for (var c = 0; c < 3; c++)
            {
                var top = p[c] + (p[c + 3] - p[c]) * right;
                var bottom = p[rowBytes + c] + (p[rowBytes + c + 3] - p[rowBytes + c]) * right;
                output[3 * i + c] = (top + (bottom - top) * down) * scale + shift;
            }
        }
    }
}
