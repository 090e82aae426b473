using EdgeFace.Kernels;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Kernels;

/// <summary>
/// The products of bytes: exact integers on every kernel set and by every way of multiplying, also those this machine has no instruction for.
/// </summary>
public sealed unsafe class ByteGemmTests
{
    /// <summary>One way to multiply.</summary>
    sealed record Way(Func<float[], float[], int, int, PackedMatrix8> Pack, Way.Multiply Run)
    {
        public delegate void Multiply(float* a, int lda, PackedMatrix8 weight, float* c, int ldc, int rows, TileEnd end, float* scratch);
    }

    static readonly Dictionary<string, Way> Ways = KernelSet.Available.ToDictionary(k => k.Name, k => new Way(
        (w, b, n, i) => k.Pack8(w, b, n, i),
        (a, lda, weight, c, ldc, rows, end, scratch) =>
        {
            if (end == TileEnd.Add) k.GemmAdd8(a, lda, weight, c, ldc, rows, scratch);
            else k.Gemm8(a, lda, weight, c, ldc, rows, end == TileEnd.Relu ? Activation.Relu : Activation.None, scratch);
        }));

    static ByteGemmTests()
    {
        if (System.Runtime.Intrinsics.X86.Avx512BW.IsSupported)
            Ways.Add("pairs512", new((w, b, n, k) => ByteGemm<Pairs512>.Pack(w, b, n, k),
                (a, lda, weight, c, ldc, rows, end, scratch) => ByteGemm<Pairs512>.Run<V512>(a, lda, weight, c, ldc, rows, end, false, scratch)));
        Ways.Add("quads256", new((w, b, n, k) => ByteGemm<Quads256>.Pack(w, b, n, k),
            (a, lda, weight, c, ldc, rows, end, scratch) => ByteGemm<Quads256>.Run<V256>(a, lda, weight, c, ldc, rows, end, false, scratch)));
        Ways.Add("quads128", new((w, b, n, k) => ByteGemm<Quads128>.Pack(w, b, n, k),
            (a, lda, weight, c, ldc, rows, end, scratch) => ByteGemm<Quads128>.Run<V128>(a, lda, weight, c, ldc, rows, end, false, scratch)));
    }

    public static TheoryData<string> Names => [.. Ways.Keys];

    public static IEnumerable<TheoryDataRow<string, int, int>> Shapes()
        => from way in Ways.Keys
           from shape in (IEnumerable<(int Rows, int Outputs)>)[
               .. Enumerable.Range(1, 13).Select(r => (r, 5 * r - 4)), (49, 100), (25, 115), (1, 512), (96, 38)]
           select new TheoryDataRow<string, int, int>(way, shape.Rows, shape.Outputs);

    [Theory, MemberData(nameof(Shapes))]
    public void Integers_are_exact(string way, int rows, int outputs)
    {
        foreach (var inner in (int[])[1, 2, 3, 5, 8, 9, 19, 60, 115])
        {
            var random = new Random(rows * 1000 + outputs * 10 + inner);
            int lda = inner + 3, ldc = KernelSet.Stride(outputs) + 8;
            // A range of 254 and a weight of 127 make all scales one.
            var weight = new float[outputs * inner];
            for (var i = 0; i < weight.Length; i++) weight[i] = i % inner == 0 ? 127 : random.Next(-127, 128);
            var values = new float[(rows - 1) * lda + inner];
            for (var r = 0; r < rows; r++)
            {
                var low = inner > 1 ? random.Next(-254, 1) : 0;
                for (var i = 0; i < inner; i++) values[r * lda + i] = i switch { 0 => low + 254, 1 => low, _ => random.Next(low, low + 255) };
            }
            var bias = Enumerable.Range(0, outputs).Select(_ => (float)random.Next(-500, 500)).ToArray();
            foreach (var end in Enum.GetValues<TileEnd>())
            {
                var found = Run(way, values, lda, weight, bias, ldc, rows, outputs, inner, end, 3);
                for (var r = 0; r < rows; r++)
                    for (var j = 0; j < outputs; j++)
                    {
                        var sum = (long)bias[j];
                        for (var i = 0; i < inner; i++) sum += (long)values[r * lda + i] * (long)weight[j * inner + i];
                        Assert.Equal(end switch { TileEnd.Add => sum + 3, TileEnd.Relu => Math.Max(sum, 0), _ => sum }, found[r * ldc + j]);
                    }
                for (var r = 0; r < rows; r++)
                    for (var j = outputs; j < KernelSet.Stride(outputs); j++) Assert.Equal(end == TileEnd.Add ? 3 : 0, found[r * ldc + j]);
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Real_values_give_the_scalar_bits_within_the_error_of_the_steps(string way)
    {
        const int rows = 29, outputs = 44, inner = 103;
        var random = new Random(6);
        float[] weight = Values(random, outputs * inner), bias = Values(random, outputs), values = Values(random, rows * inner);
        var found = Run(way, values, inner, weight, bias, 48, rows, outputs, inner, TileEnd.Store, 0);
        Assert.Equal(Run("scalar", values, inner, weight, bias, 48, rows, outputs, inner, TileEnd.Store, 0), found);
        for (var r = 0; r < rows; r++)
        {
            var row = values.AsSpan(r * inner, inner).ToArray();
            double step = (Math.Max(row.Max(), 0) - Math.Min(row.Min(), 0)) / 254;
            for (var j = 0; j < outputs; j++)
            {
                var column = weight.AsSpan(j * inner, inner).ToArray();
                double weightStep = column.Max(Math.Abs) / 127, sum = bias[j], error = 1e-5;
                for (var i = 0; i < inner; i++)
                {
                    sum += (double)row[i] * column[i];
                    error += step / 2 * Math.Abs(column[i]) + weightStep / 2 * (Math.Abs(row[i]) + step / 2);
                }
                Assert.InRange(found[r * 48 + j], sum - error, sum + error);
            }
        }
        // Alone, a row has the bits it has among others.
        for (var r = 0; r < rows; r++)
        {
            var alone = Run(way, values[(r * inner)..((r + 1) * inner)], inner, weight, bias, 48, 1, outputs, inner, TileEnd.Store, 0);
            Assert.Equal(found[(r * 48)..(r * 48 + 48)], alone);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void The_largest_products_do_not_overflow(string way)
    {
        // The deepest layer of the largest network: 4 x 584 inputs.
        const int outputs = 16, inner = 2336;
        foreach (var sign in (int[])[1, -1])
        {
            var weight = Enumerable.Repeat(127f * sign, outputs * inner).ToArray();
            foreach (var value in (float[])[254, -254])
            {
                var found = Run(way, [.. Enumerable.Repeat(value, inner)], inner, weight, [], outputs, 1, outputs, inner, TileEnd.Store, 0);
                Assert.All(found, v => Assert.Equal(value * 127f * sign * inner, v));
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Rows_without_a_usable_range_are_defined_and_leave_their_neighbours_alone(string way)
    {
        const int outputs = 9, inner = 21;
        var random = new Random(8);
        float[] weight = Values(random, outputs * inner), bias = Values(random, outputs), good = Values(random, inner);
        var expected = Run(way, good, inner, weight, bias, 16, 1, outputs, inner, TileEnd.Store, 0)[..outputs];
        foreach (var (special, result) in ((float, float?)[])[
            (0, null), (-0f, null), (1e-38f, null), (float.NaN, float.NaN), (-float.NaN, float.NaN),
            (float.PositiveInfinity, float.NaN), (float.NegativeInfinity, float.NaN)])
            for (var at = 0; at < inner; at++)
            {
                var bad = new float[inner];
                bad[at] = special;
                var found = Run(way, [.. good, .. bad, .. good], inner, weight, bias, 16, 3, outputs, inner, TileEnd.Store, 0);
                Assert.Equal(expected, found[..outputs]);
                Assert.Equal(result is { } r ? [.. Enumerable.Repeat(r, outputs)] : bias, found[16..(16 + outputs)]);
                Assert.Equal(expected, found[32..(32 + outputs)]);
            }
        // Finite, but its range is not.
        var wide = new float[inner];
        (wide[0], wide[1]) = (float.MaxValue, float.MinValue);
        Assert.All(Run(way, wide, inner, weight, bias, 16, 1, outputs, inner, TileEnd.Store, 0)[..outputs], v => Assert.True(float.IsNaN(v)));
    }

    [Fact]
    public void Stored_bytes_survive_a_layer_scale()
    {
        const int outputs = 5, inner = 40;
        var random = new Random(3);
        float[] weight = new float[outputs * inner], scales = [1e-9f, 0.3f, -0.017f, 4e8f, 0];
        var stored = new int[weight.Length];
        for (var i = 0; i < weight.Length; i++)
        {
            stored[i] = i % inner == 7 ? 127 : random.Next(-127, 128);
            weight[i] = stored[i] * 0.0123f * scales[i / inner];
        }
        using var packed = KernelSet.ByName("scalar").Pack8(weight, [], outputs, inner);
        for (var o = 0; o < outputs; o++)
            for (var i = 0; i < inner; i++) Assert.Equal(stored[o * inner + i] * Math.Sign(scales[o]), packed.Weights[i * 8 + o]);
    }

    static float[] Run(string way, float[] values, int lda, float[] weight, float[] bias, int ldc, int rows, int outputs, int inner,
        TileEnd end, float before)
    {
        using var packed = Ways[way].Pack(weight, bias, outputs, inner);
        using var a = new GuardedBuffer(values);
        using var scratch = new GuardedBuffer((int)KernelSet.Scratch8(rows, inner));
        using var c = new GuardedBuffer((rows - 1) * ldc + KernelSet.Stride(outputs));
        new Span<float>(c.Pointer, c.Count).Fill(before);
        Ways[way].Run(a.Pointer, lda, packed, c.Pointer, ldc, rows, end, scratch.Pointer);
        return [.. c.ToArray(), .. new float[rows * ldc - c.Count]];
    }

    static float[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 2 - 0.7))];
}
