namespace EdgeFace.Kernels;

/// <summary>The reference: plain loops in the order of the formulas. Every other kernel set is compared with it.</summary>
unsafe partial class ScalarKernels(string name, bool accelerated) : KernelSet(name, accelerated)
{
    public override PackedMatrix Pack(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int n, int k) => new([Stride(n)], weight, bias, n, k);

    public override void Gemm(float* a, int lda, PackedMatrix weight, float* c, int ldc, int rows, Activation activation)
    {
        var width = Stride(weight.Outputs);
        for (var r = 0; r < rows; r++)
        {
            var y = c + (long)r * ldc;
            MultiplyRow(a + (long)r * lda, 1, weight.Weights, width, y, weight.Inputs, width);
            for (var j = 0; j < width; j++) y[j] = Activate(y[j] + weight.Bias[j], activation);
        }
    }

    static float Activate(float v, Activation activation)
        => activation switch { Activation.Gelu => Gelu(v), Activation.Relu => MathF.Max(v, 0), _ => v };

    public override void GemmAdd(float* a, int lda, PackedMatrix weight, float* c, int ldc, int rows)
    {
        var width = Stride(weight.Outputs);
        var y = stackalloc float[width];
        for (var r = 0; r < rows; r++)
        {
            MultiplyRow(a + (long)r * lda, 1, weight.Weights, width, y, weight.Inputs, width);
            for (var j = 0; j < width; j++) c[(long)r * ldc + j] += y[j] + weight.Bias[j];
        }
    }

    public override PackedMatrix8 Pack8(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int n, int k) => new(weight, bias, n, k, Stride(n), 1);

    public override void Gemm8(float* a, int lda, PackedMatrix8 weight, float* c, int ldc, int rows, Activation activation, float* scratch)
    {
        for (var r = 0; r < rows; r++)
        {
            var scale = Quantise(a + (long)r * lda, weight.Inputs, (short*)scratch);
            for (var j = 0; j < Stride(weight.Outputs); j++) c[(long)r * ldc + j] = Activate(Dot((short*)scratch, scale, weight, j), activation);
        }
    }

    public override void GemmAdd8(float* a, int lda, PackedMatrix8 weight, float* c, int ldc, int rows, float* scratch)
    {
        for (var r = 0; r < rows; r++)
        {
            var scale = Quantise(a + (long)r * lda, weight.Inputs, (short*)scratch);
            for (var j = 0; j < Stride(weight.Outputs); j++) c[(long)r * ldc + j] += Dot((short*)scratch, scale, weight, j);
        }
    }

    /// <summary>The bytes less the row's zero; returns the row's scale.</summary>
    static float Quantise(float* x, int count, short* bytes)
    {
        var high = 0;
        var low = 0u;
        for (var i = 0; i < count; i++)
            (high, low) = (Math.Max(high, BitConverter.SingleToInt32Bits(x[i])), Math.Max(low, BitConverter.SingleToUInt32Bits(x[i])));
        var (factor, scale, _) = RowScale.Of(high, low);
        for (var i = 0; i < count; i++) bytes[i] = (short)MathF.Round(x[i] * factor);
        return scale;
    }

    static float Dot(short* bytes, float rowScale, PackedMatrix8 weight, int output)
    {
        int sum = 0, width = Stride(weight.Outputs);
        for (var i = 0; i < weight.Inputs; i++) sum += bytes[i] * weight.Weights[(long)i * width + output];
        return sum * (rowScale * weight.Scale[output]) + weight.Bias[output];
    }

    public override void MatMul(float* a, int rowStep, int innerStep, float* b, int ldb, float* c, int ldc, int rows, int inner, int cols)
    {
        for (var r = 0; r < rows; r++) MultiplyRow(a + (long)r * rowStep, innerStep, b, ldb, c + (long)r * ldc, inner, cols);
    }

    static void MultiplyRow(float* x, int step, float* b, int ldb, float* y, int inner, int cols)
    {
        new Span<float>(y, cols).Clear();
        for (var i = 0; i < inner; i++)
            for (var j = 0; j < cols; j++)
                y[j] += x[(long)i * step] * b[(long)i * ldb + j];
    }

    public override void DepthwiseConv(float* input, int height, int width, PackedDepthwise weight, float* output, bool relu)
    {
        int step = Stride(weight.Channels), k = weight.Kernel, s = weight.Stride;
        int rows = (height + s - 1) / s, cols = (width + s - 1) / s;
        for (var y = 0; y < rows; y++)
            for (var x = 0; x < cols; x++)
                for (var c = 0; c < step; c++)
                {
                    var sum = weight.Bias[c];
                    for (var ky = 0; ky < k; ky++)
                        for (var kx = 0; kx < k; kx++)
                        {
                            int iy = y * s + ky - k / 2, ix = x * s + kx - k / 2;
                            if (iy >= 0 && iy < height && ix >= 0 && ix < width)
                                sum += input[((long)iy * width + ix) * step + c] * weight.Weights[(ky * k + kx) * step + c];
                        }
                    output[((long)y * cols + x) * step + c] = relu ? MathF.Max(sum, 0) : sum;
                }
    }

    public override void LayerNorm(float* input, int inputStep, float* output, int outputStep, int rows, int channels,
        float epsilon, float* scale, float* shift)
    {
        for (var r = 0; r < rows; r++)
        {
            float* x = input + (long)r * inputStep, y = output + (long)r * outputStep;
            float mean = 0, variance = 0;
            for (var i = 0; i < channels; i++) mean += x[i];
            mean /= channels;
            for (var i = 0; i < channels; i++) variance += (x[i] - mean) * (x[i] - mean);
            var inverse = 1 / MathF.Sqrt(variance / channels + epsilon);
            for (var i = 0; i < Stride(channels); i++)
            {
                var v = (x[i] - mean) * inverse;
                y[i] = scale is null ? v : v * scale[i] + shift[i];
            }
        }
    }

    public override void Add(float* x, float* y, long count)
    {
        for (var i = 0L; i < count; i++) y[i] += x[i];
    }

    public override void ColumnMean(float* x, int step, int rows, int cols, float* mean)
    {
        for (var j = 0; j < cols; j++)
        {
            var sum = 0f;
            for (var r = 0; r < rows; r++) sum += x[(long)r * step + j];
            mean[j] = sum / rows;
        }
    }

    public override void ColumnInverseNorm(float* x, int step, int rows, int cols, float epsilon, float* inverse)
    {
        for (var j = 0; j < cols; j++)
        {
            var sum = 0f;
            for (var r = 0; r < rows; r++) sum += x[(long)r * step + j] * x[(long)r * step + j];
            inverse[j] = 1 / MathF.Max(MathF.Sqrt(sum), epsilon);
        }
    }

    public override void ColumnSoftmax(float* x, int step, int rows, int cols, float* rowScale, float* columnScale, float scale)
    {
        for (var i = 0; i < cols; i++)
        {
            float max = float.NegativeInfinity, sum = 0;
            for (var j = 0; j < rows; j++)
            {
                ref var value = ref x[(long)j * step + i];
                value *= rowScale[j] * scale * columnScale[i];
                max = MathF.Max(max, value);
            }
            for (var j = 0; j < rows; j++)
            {
                ref var value = ref x[(long)j * step + i];
                value = MathF.Exp(value - max);
                sum += value;
            }
            for (var j = 0; j < rows; j++) x[(long)j * step + i] /= sum;
        }
    }

    public override void FromBytes(byte* input, float* output, int count, float scale, float shift)
    {
        for (var i = 0; i < count; i++) output[i] = input[i] * scale + shift;
    }

    /// <summary>x * Phi(x) by the error function (Abramowitz and Stegun 7.1.5 and the continued fraction 7.1.14), in double precision.</summary>
    static float Gelu(float x) => (float)(0.5 * x * (1 + Erf(x / Math.Sqrt(2))));

    static double Erf(double x)
    {
        var t = Math.Abs(x);
        if (!(t < 6)) return double.IsNaN(x) ? x : Math.Sign(x);
        if (t < 2.5)
        {
            double term = x, sum = x;
            for (var n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
            {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }
            return sum * 2 / Math.Sqrt(Math.PI);
        }
        var fraction = t;
        for (var n = 60; n > 0; n--) fraction = t + n / 2.0 / fraction;
        return Math.Sign(x) * (1 - Math.Exp(-t * t) / (fraction * Math.Sqrt(Math.PI)));
    }
}
