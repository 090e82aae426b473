using System.Runtime.Intrinsics;

namespace EdgeFace.Kernels;

/// <summary>What a matrix product does to its result before it is stored.</summary>
enum Activation
{
    None,
    Relu,
    Gelu,
}

/// <summary>
/// The operations of the networks. Maps are NHWC with a channel stride of <see cref="Stride"/>; the pad lanes of a map are zero unless an
/// operation says otherwise. Pointers are trusted: public types check before they call. See README.md beside this file.
/// </summary>
abstract unsafe class KernelSet
{
    /// <summary>The environment variable that forces a kernel set by name.</summary>
    public const string Variable = "EDGEFACE_KERNELS";

    static readonly Lazy<KernelSet> Chosen = new(Choose);

    /// <summary>
    /// All kernel sets, widest first: the order in which one is chosen. All of them compute everywhere; where the hardware lacks the width, slowly.
    /// </summary>
    public static IReadOnlyList<KernelSet> Available { get; } =
    [
        new SimdKernels<V512>("vector512", Vector512.IsHardwareAccelerated),
        new SimdKernels<V256>("vector256", Vector256.IsHardwareAccelerated),
        new SimdKernels<V128>("vector128", Vector128.IsHardwareAccelerated),
        new ScalarKernels("scalar", true),
    ];

    /// <summary>The set this process uses: the first that the hardware accelerates, or the one EDGEFACE_KERNELS names.</summary>
    public static KernelSet Default => Chosen.Value;

    protected KernelSet(string name, bool accelerated)
    {
        Name = name;
        IsAccelerated = accelerated;
    }

    public string Name { get; }

    /// <summary>Whether the hardware has vectors of this width.</summary>
    public bool IsAccelerated { get; }

    /// <summary>Floats from one pixel's channels to the next pixel's: the channels rounded up to 8, the same for every kernel set.</summary>
    public static int Stride(int channels) => (channels + 7) & ~7;

    public static KernelSet? Find(string name) => Available.FirstOrDefault(k => string.Equals(k.Name, name, StringComparison.OrdinalIgnoreCase));

    public static KernelSet ByName(string name)
        => Find(name)
            ?? throw new ArgumentException($"unknown kernel set '{name}': {Variable} is one of {string.Join(", ", Available.Select(k => k.Name))}");

    /// <summary>Packs weight [n][k] (row-major, outputs first) and bias (n values or none) for <see cref="Gemm"/>.</summary>
    public abstract PackedMatrix Pack(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int n, int k);

    /// <summary>
    /// c[r][j] = activation(bias[j] + sum over i of a[r][i] * weight[j][i]) for the padded outputs j; lda and ldc are strides in floats.
    /// </summary>
    public abstract void Gemm(float* a, int lda, PackedMatrix weight, float* c, int ldc, int rows, Activation activation);

    /// <summary>c[r][j] += bias[j] + sum over i of a[r][i] * weight[j][i].</summary>
    public abstract void GemmAdd(float* a, int lda, PackedMatrix weight, float* c, int ldc, int rows);

    /// <summary>Quantises weight [n][k] to bytes, with one scale an output, and packs it for <see cref="Gemm8"/>.</summary>
    public abstract PackedMatrix8 Pack8(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int n, int k);

    /// <summary>
    /// <see cref="Gemm"/> with each row of a quantised to bytes between its lowest and highest value, and 32-bit sums: all kernel sets have
    /// the same integers. A row with a value that is not finite gives NaN.
    /// </summary>
    /// <param name="scratch">At least <see cref="Scratch8"/> floats.</param>
    public abstract void Gemm8(float* a, int lda, PackedMatrix8 weight, float* c, int ldc, int rows, Activation activation, float* scratch);

    /// <summary>c += what <see cref="Gemm8"/> gives.</summary>
    public abstract void GemmAdd8(float* a, int lda, PackedMatrix8 weight, float* c, int ldc, int rows, float* scratch);

    /// <summary>Floats of scratch that <see cref="Gemm8"/> needs for rows of k inputs: their scales and zeros, and up to 16 bits a value.</summary>
    public static long Scratch8(int rows, int k) => 2 * Stride(rows) + (long)rows * Stride(k) / 2;

    /// <summary>c[r][j] = sum over i of a[r * rowStep + i * innerStep] * b[i * ldb + j], for cols outputs (a multiple of 8).</summary>
    public abstract void MatMul(float* a, int rowStep, int innerStep, float* b, int ldb, float* c, int ldc, int rows, int inner, int cols);

    /// <summary>Depthwise convolution with zero padding of kernel / 2: output map of ceil(height / stride) x ceil(width / stride).</summary>
    public abstract void DepthwiseConv(float* input, int height, int width, PackedDepthwise weight, float* output, bool relu);

    /// <summary>
    /// One row of outputs of a 3 x 3 depthwise convolution, stride 1 or 2, without borders: output pixel x takes the pixels
    /// x * stride to x * stride + 2 of three rows of inputs. What pads them is the caller's: the rows begin left of the first output's centre.
    /// </summary>
    public abstract void DepthwiseRow(float* above, float* row, float* below, PackedDepthwise weight, float* output, int columns, bool relu);

    /// <summary>
    /// One row of outputs of a dense 3 x 3 convolution of stride 2 over pixels of 3 floats without pads, then ReLU: output pixel x takes
    /// the 9 floats from 6 x on of three rows.
    /// </summary>
    /// <param name="weight">27 inputs in (row, column, channel) order.</param>
    public abstract void StemRow(float* above, float* row, float* below, PackedMatrix weight, float* output, int columns);

    /// <summary>output pixel x = the largest, channel by channel, of the pixels 2 x and 2 x + 1 of two rows; channels is a multiple of 8.</summary>
    public abstract void MaxPoolRow(float* top, float* bottom, float* output, int columns, int channels);

    /// <summary>Pixel x of row += pixel x / 2 of the coarser row; channels is a multiple of 8.</summary>
    public abstract void AddDoubledRow(float* coarser, float* row, int columns, int channels);

    /// <summary>
    /// output = (x - mean) / sqrt(variance + epsilon) over the channels of each row, then times scale plus shift where they are given
    /// (padded to the stride, pads zero). Without them the pad lanes of the output are finite but not zero. In place is allowed.
    /// </summary>
    public abstract void LayerNorm(float* input, int inputStep, float* output, int outputStep, int rows, int channels,
        float epsilon, float* scale, float* shift);

    /// <summary>y[i] += x[i] for count values (a multiple of 8).</summary>
    public abstract void Add(float* x, float* y, long count);

    /// <summary>mean[j] = sum over rows of x[r * step + j] / rows, for cols values (a multiple of 8).</summary>
    public abstract void ColumnMean(float* x, int step, int rows, int cols, float* mean);

    /// <summary>inverse[j] = 1 / max(sqrt(sum over rows of x[r * step + j]^2), epsilon), for cols values (a multiple of 8).</summary>
    public abstract void ColumnInverseNorm(float* x, int step, int rows, int cols, float epsilon, float* inverse);

    /// <summary>
    /// Softmax down each column of a rows x cols map (cols a multiple of 8) after scaling:
    /// x[j][i] = exp(s - max) / sum, s = x[j][i] * rowScale[j] * columnScale[i] * scale.
    /// </summary>
    public abstract void ColumnSoftmax(float* x, int step, int rows, int cols, float* rowScale, float* columnScale, float scale);

    /// <summary>output[i] = input[i] * scale + shift for count bytes.</summary>
    public abstract void FromBytes(byte* input, float* output, int count, float scale, float shift);

    /// <summary>output[i] = (a[i] + (b[i] - a[i]) * share) * scale + shift for count bytes of each.</summary>
    public abstract void MixBytes(byte* a, byte* b, float share, float scale, float shift, float* output, int count);

    /// <summary>
    /// Between neighbouring pixels of 3 floats: output pixel x = the floats from first[x] on, and shares[x] of the way to the three after
    /// them. Reads one float beyond the second pixel.
    /// </summary>
    public abstract void MixPixels(float* row, int* first, float* shares, float* output, int columns);

    /// <summary>
    /// Each of columns RGB pixels = the mean of 2 x 2 bytes of each channel, halves rounded up: the same bytes in all kernel sets.
    /// </summary>
    public abstract void HalveRow(byte* top, byte* bottom, byte* output, int columns);

    /// <summary>
    /// A line of samples through an RGB picture: output pixel i is bilinear at (x + i dx, y + i dy), 0 or more and at most
    /// (width - 3, height - 2), then times scale plus shift.
    /// </summary>
    /// <param name="rowBytes">Bytes from one row of the picture to the next.</param>
    public abstract void SampleLine(byte* picture, int rowBytes, double x, double y, double dx, double dy,
        float scale, float shift, float* output, int columns);

    static KernelSet Choose()
    {
        var forced = Environment.GetEnvironmentVariable(Variable);
        return string.IsNullOrEmpty(forced) ? Available.First(k => k.IsAccelerated) : ByName(forced);
    }
}
