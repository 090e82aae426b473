using EdgeFace.Kernels;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Kernels;

/// <summary>
/// Every operation of every kernel set against independent double-precision formulae, on memory that faults when over-read or over-written.
/// </summary>
public sealed unsafe class KernelTests
{
    public static TheoryData<string> Sets => [.. KernelSet.Available.Select(k => k.Name)];

    public static IEnumerable<TheoryDataRow<string, int, int, int>> Products()
    {
        // Around the tiles: rows 1 to 13 and the maps' 49 and 196; widths around 8, 16, 24, 32, 48; ranks of LoRaLin.
        foreach (var set in KernelSet.Available)
            foreach (var (rows, outputs) in ((int, int)[])[
                (1, 1), (2, 7), (3, 8), (4, 9), (5, 15), (6, 16), (7, 17), (8, 19), (9, 24), (10, 25), (11, 31), (12, 32), (13, 33),
                (49, 60), (49, 100), (25, 115), (1, 512), (196, 38)])
                foreach (var inner in (int[])[1, 2, 19, 48, 115])
                    yield return new(set.Name, rows, outputs, inner);
    }

    [Theory, MemberData(nameof(Products))]
    public void Gemm_agrees_with_double_precision(string set, int rows, int outputs, int inner)
    {
        var kernels = KernelSet.ByName(set);
        var random = new Random(rows * 1000 + outputs * 10 + inner);
        int lda = inner + 3, ldc = KernelSet.Stride(outputs) + 8;
        float[] weight = Values(random, outputs * inner), bias = Values(random, outputs), before = Values(random, rows * ldc);
        using var a = new GuardedBuffer(Values(random, (rows - 1) * lda + inner));
        using var packed = kernels.Pack(weight, bias, outputs, inner);
        foreach (var activation in Enum.GetValues<Activation>())
        {
            using var c = new GuardedBuffer((rows - 1) * ldc + KernelSet.Stride(outputs));
            kernels.Gemm(a.Pointer, lda, packed, c.Pointer, ldc, rows, activation);
            for (var r = 0; r < rows; r++)
            {
                for (var j = 0; j < outputs; j++)
                {
                    var (sum, magnitude) = Product(a, r * lda, 1, weight, j * inner, 1, inner, bias[j]);
                    var expected = activation switch { Activation.Relu => Math.Max(sum, 0), Activation.Gelu => Reference.Gelu(sum), _ => sum };
                    Near(expected, c[r * ldc + j], 4e-7 * magnitude + (activation == Activation.Gelu ? 5e-6 : 0), $"{activation} ({r}, {j})");
                }
                for (var j = outputs; j < KernelSet.Stride(outputs); j++) Assert.Equal(0, c[r * ldc + j]);
            }
        }
        using var sumTo = new GuardedBuffer(before.AsSpan(0, (rows - 1) * ldc + KernelSet.Stride(outputs)));
        kernels.GemmAdd(a.Pointer, lda, packed, sumTo.Pointer, ldc, rows);
        for (var r = 0; r < rows; r++)
        {
            for (var j = 0; j < outputs; j++)
            {
                var (sum, magnitude) = Product(a, r * lda, 1, weight, j * inner, 1, inner, bias[j]);
                Near(before[r * ldc + j] + sum, sumTo[r * ldc + j], 4e-7 * (magnitude + 1), $"add ({r}, {j})");
            }
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void MatMul_takes_either_side_transposed(string set)
    {
        var kernels = KernelSet.ByName(set);
        var random = new Random(7);
        foreach (var (rows, inner, cols) in ((int, int, int)[])[
            (1, 1, 8), (16, 196, 16), (25, 49, 32), (48, 9, 48), (49, 25, 40), (13, 5, 24), (9, 48, 56)])
        {
            var ldb = cols + 5;
            using var a = new GuardedBuffer(Values(random, rows * inner));
            using var b = new GuardedBuffer(Values(random, (inner - 1) * ldb + cols));
            foreach (var transposed in (bool[])[false, true])
            {
                using var c = new GuardedBuffer(rows * cols);
                int rowStep = transposed ? 1 : inner, innerStep = transposed ? rows : 1;
                kernels.MatMul(a.Pointer, rowStep, innerStep, b.Pointer, ldb, c.Pointer, cols, rows, inner, cols);
                for (var r = 0; r < rows; r++)
                    for (var j = 0; j < cols; j++)
                    {
                        var (sum, magnitude) = Product(a, r * rowStep, innerStep, b.ToArray(), j, ldb, inner, 0);
                        Near(sum, c[r * cols + j], 4e-7 * magnitude, $"{rows}x{inner}x{cols} ({r}, {j})");
                    }
            }
        }
    }

    public static IEnumerable<TheoryDataRow<string, int, int>> Depthwise()
    {
        foreach (var set in KernelSet.Available)
            foreach (var kernel in (int[])[3, 5, 7, 9])
                foreach (var channels in (int[])[1, 8, 24, 34])
                    yield return new(set.Name, kernel, channels);
    }

    [Theory, MemberData(nameof(Depthwise))]
    public void DepthwiseConv_agrees_with_double_precision(string set, int kernel, int channels)
    {
        var kernels = KernelSet.ByName(set);
        var random = new Random(kernel * 100 + channels);
        var step = KernelSet.Stride(channels);
        float[] weight = Values(random, channels * kernel * kernel), bias = Values(random, channels);
        foreach (var stride in (int[])[1, 2])
        {
            using var packed = new PackedDepthwise(weight, bias, channels, kernel, stride);
            foreach (var (height, width) in ((int, int)[])[
                (1, 1), (3, 3), (7, 7), (14, 14), (4, 8), (8, 15), (2, 29), (1, 3), (9, 3), (2, 7), (11, 7), (3, 21), (28, 28)])
            {
                int rows = (height + stride - 1) / stride, cols = (width + stride - 1) / stride;
                using var x = new GuardedBuffer(Values(random, height * width * step));
                for (var i = 0; i < height * width; i++)
                    for (var c = channels; c < step; c++) x.Pointer[i * step + c] = 0;
                using var y = new GuardedBuffer(rows * cols * step);
                foreach (var relu in (bool[])[false, true])
                {
                    kernels.DepthwiseConv(x.Pointer, height, width, packed, y.Pointer, relu);
                    for (var i = 0; i < rows * cols * step; i++)
                    {
                        int c = i % step, ox = i / step % cols, oy = i / step / cols;
                        if (c >= channels)
                        {
                            Assert.Equal(0, y[i]);
                            continue;
                        }
                        double sum = bias[c], magnitude = 1;
                        for (var t = 0; t < kernel * kernel; t++)
                        {
                            int iy = oy * stride + t / kernel - kernel / 2, ix = ox * stride + t % kernel - kernel / 2;
                            if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
                            var product = (double)x[(iy * width + ix) * step + c] * weight[c * kernel * kernel + t];
                            sum += product;
                            magnitude += Math.Abs(product);
                        }
                        Near(relu ? Math.Max(sum, 0) : sum, y[i], 4e-7 * magnitude, $"{height}x{width}/{stride} ({oy}, {ox}, {c})");
                    }
                }
            }
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void LayerNorm_agrees_with_double_precision_for_every_width(string set)
    {
        var kernels = KernelSet.ByName(set);
        for (var channels = 1; channels <= 257; channels++)
        {
            var random = new Random(channels);
            int rows = channels % 9 + 1, step = KernelSet.Stride(channels);
            using var x = new GuardedBuffer(rows * step);
            for (var r = 0; r < rows; r++)
                for (var c = 0; c < channels; c++) x.Pointer[r * step + c] = (float)(random.NextDouble() * 4 - 1);
            using var scale = new GuardedBuffer(Padded(Values(random, channels)));
            using var shift = new GuardedBuffer(Padded(Values(random, channels)));
            using var y = new GuardedBuffer(rows * step);
            foreach (var affine in (bool[])[false, true])
            {
                kernels.LayerNorm(x.Pointer, step, y.Pointer, step, rows, channels, 1e-6f,
                    affine ? scale.Pointer : null, affine ? shift.Pointer : null);
                for (var r = 0; r < rows; r++)
                {
                    var row = Enumerable.Range(0, channels).Select(c => (double)x[r * step + c]).ToArray();
                    var mean = row.Average();
                    var deviation = Math.Sqrt(row.Average(v => (v - mean) * (v - mean)) + 1e-6);
                    for (var c = 0; c < channels; c++)
                    {
                        var expected = (row[c] - mean) / deviation;
                        // A single channel is its own mean: the quotient is rounding noise over sqrt(epsilon).
                        Near(affine ? expected * scale[c] + shift[c] : expected, y[r * step + c],
                            channels < 3 ? 2e-3 : 1e-5, $"{channels} channels ({r}, {c})");
                    }
                    for (var c = channels; c < step; c++)
                        if (affine) Assert.Equal(0, y[r * step + c]);
                        else Assert.True(float.IsFinite(y[r * step + c]));
                }
            }
            // A row alone gives the same bits as among others.
            using var one = new GuardedBuffer(step);
            for (var r = 0; r < rows; r++)
            {
                kernels.LayerNorm(x.Pointer + r * step, step, one.Pointer, step, 1, channels, 1e-6f, scale.Pointer, shift.Pointer);
                Assert.Equal(y.ToArray()[(r * step)..((r + 1) * step)], one.ToArray());
            }
            kernels.LayerNorm(x.Pointer, step, x.Pointer, step, rows, channels, 1e-6f, scale.Pointer, shift.Pointer);
            Assert.Equal(y.ToArray(), x.ToArray());
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Column_passes_agree_with_double_precision(string set)
    {
        var kernels = KernelSet.ByName(set);
        var random = new Random(3);
        foreach (var (rows, cols) in ((int, int)[])[(1, 8), (9, 48), (25, 32), (49, 104), (196, 24), (16, 16)])
        {
            var step = cols + 4;
            var values = Values(random, (rows - 1) * step + cols);
            using var x = new GuardedBuffer(values);
            using var y = new GuardedBuffer(cols);
            using var rowScale = new GuardedBuffer(Values(random, rows));
            using var columnScale = new GuardedBuffer(Values(random, cols));
            kernels.ColumnMean(x.Pointer, step, rows, cols, y.Pointer);
            for (var j = 0; j < cols; j++) Near(Column(values, step, rows, j).Average(), y[j], 1e-6, $"mean {j}");
            kernels.ColumnInverseNorm(x.Pointer, step, rows, cols, 1e-12f, y.Pointer);
            for (var j = 0; j < cols; j++)
            {
                var expected = 1 / Math.Max(Math.Sqrt(Column(values, step, rows, j).Sum(v => v * v)), 1e-12);
                Near(expected, y[j], 1e-5 * expected, $"norm {j}");
            }
            kernels.ColumnSoftmax(x.Pointer, step, rows, cols, rowScale.Pointer, columnScale.Pointer, 3f);
            for (var i = 0; i < cols; i++)
            {
                var scores = Column(values, step, rows, i).Select((v, j) => v * rowScale[j] * columnScale[i] * 3).ToArray();
                var sum = scores.Sum(s => Math.Exp(s - scores.Max()));
                for (var j = 0; j < rows; j++) Near(Math.Exp(scores[j] - scores.Max()) / sum, x[j * step + i], 1e-6, $"softmax ({j}, {i})");
                Near(1, (float)Column(x.ToArray(), step, rows, i).Sum(), 1e-5, $"softmax sum {i}");
            }
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void A_column_of_zeros_has_a_finite_inverse_norm(string set)
    {
        using var x = new GuardedBuffer(5 * 16);
        using var y = new GuardedBuffer(16);
        KernelSet.ByName(set).ColumnInverseNorm(x.Pointer, 16, 5, 16, 1e-12f, y.Pointer);
        Assert.All(y.ToArray(), v => Assert.Equal(1e12f, v, 1e-5f * 1e12f));
    }

    [Theory, MemberData(nameof(Sets))]
    public void Element_wise_passes_take_every_length(string set)
    {
        var kernels = KernelSet.ByName(set);
        var random = new Random(5);
        for (var n = 0; n <= 257; n++)
        {
            var bytes = new byte[n];
            random.NextBytes(bytes);
            using var y = new GuardedBuffer(n);
            using var source = new GuardedBuffer((n + 3) / 4);
            bytes.CopyTo(source.Bytes[^Math.Max(n, 0)..]);
            kernels.FromBytes((byte*)(source.Pointer + source.Count) - n, y.Pointer, n, 1 / 127.5f, -1);
            for (var i = 0; i < n; i++) Near(bytes[i] / 127.5 - 1, y[i], 1e-6, $"byte {i} of {n}");
            if (n % 8 != 0) continue;
            float[] a = Values(random, n), b = Values(random, n);
            using GuardedBuffer x = new(a), sum = new(b);
            kernels.Add(x.Pointer, sum.Pointer, n);
            Assert.Equal(a.Zip(b, (p, q) => p + q), sum.ToArray());
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Gelu_is_accurate_over_its_range_and_keeps_special_values(string set)
    {
        var kernels = KernelSet.ByName(set);
        using var one = kernels.Pack([1f, 0, 0, 0, 0, 0, 0, 0], [], 8, 1);
        float worst = 0;
        for (var x = -12f; x <= 12; x += 1 / 512f)
            worst = Math.Max(worst, (float)(Math.Abs(At(x) - Reference.Gelu(x)) / Math.Max(1, Math.Abs(x) / 6)));
        Assert.InRange(worst, 0, 5e-6f);
        Assert.Equal(0, At(0));
        Assert.True(float.IsNaN(At(float.NaN)));
        Assert.InRange(At(1e6f), 1e6f * (1 - 2e-6f), 1e6f * (1 + 2e-6f));
        Assert.InRange(At(-1e6f), -2, 2);

        float At(float x)
        {
            var y = stackalloc float[8];
            kernels.Gemm(&x, 1, one, y, 8, 1, Activation.Gelu);
            return y[0];
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void A_row_does_not_depend_on_the_rows_around_it(string set)
    {
        var kernels = KernelSet.ByName(set);
        var random = new Random(11);
        const int rows = 37, inner = 60, outputs = 100;
        var ldc = KernelSet.Stride(outputs);
        using var a = new GuardedBuffer(Values(random, rows * inner));
        using var packed = kernels.Pack(Values(random, outputs * inner), Values(random, outputs), outputs, inner);
        using var all = new GuardedBuffer(rows * ldc);
        using var one = new GuardedBuffer(ldc);
        kernels.Gemm(a.Pointer, inner, packed, all.Pointer, ldc, rows, Activation.Gelu);
        for (var r = 0; r < rows; r++)
        {
            kernels.Gemm(a.Pointer + r * inner, inner, packed, one.Pointer, ldc, 1, Activation.Gelu);
            Assert.Equal(all.ToArray()[(r * ldc)..((r + 1) * ldc)], one.ToArray());
        }
    }

    [Fact]
    public void An_unknown_kernel_set_is_named_with_the_known_ones()
        => Assert.Contains("vector256", Assert.Throws<ArgumentException>(() => KernelSet.ByName("avx9")).Message);

    static (double Sum, double Magnitude) Product(GuardedBuffer a, int first, int step, float[] b, int firstB, int stepB, int count, double start)
    {
        double sum = start, magnitude = Math.Abs(start);
        for (var i = 0; i < count; i++)
        {
            var product = (double)a[first + i * step] * b[firstB + i * stepB];
            sum += product;
            magnitude += Math.Abs(product);
        }
        return (sum, magnitude);
    }

    static IEnumerable<double> Column(float[] x, int step, int rows, int column)
        => Enumerable.Range(0, rows).Select(r => (double)x[r * step + column]);

    static float[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 2 - 1))];

    static float[] Padded(float[] values) => [.. values, .. new float[KernelSet.Stride(values.Length) - values.Length]];

    static void Near(double expected, float found, double tolerance, string where)
        => Assert.True(Math.Abs(expected - found) <= tolerance, $"{where}: expected {expected}, found {found}, tolerance {tolerance}");
}
