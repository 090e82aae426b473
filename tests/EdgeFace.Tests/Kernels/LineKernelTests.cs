using EdgeFace.Kernels;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Kernels;

/// <summary>
/// What runs over maps and pictures line by line, for every kernel set, against double precision, on memory that faults beyond its end.
/// </summary>
public sealed unsafe class LineKernelTests
{
    static readonly int[] Columns = [1, 2, 3, 7, 8, 9, 16, 21];

    public static TheoryData<string> Sets => [.. KernelSet.Available.Select(k => k.Name)];

    [Theory, MemberData(nameof(Sets))]
    public void DepthwiseRow_agrees_with_double_precision_and_each_pixel_stands_alone(string set)
    {
        var kernels = KernelSet.ByName(set);
        var random = new Random(1);
        foreach (var channels in (int[])[3, 8, 16, 24, 32, 40])
            foreach (var stride in (int[])[1, 2])
                foreach (var columns in Columns)
                    foreach (var relu in (bool[])[false, true])
                        DepthwiseRow(kernels, random, channels, stride, columns, relu);
    }

    static void DepthwiseRow(KernelSet kernels, Random random, int channels, int stride, int columns, bool relu)
    {
        int step = KernelSet.Stride(channels), pixels = (columns - 1) * stride + 3;
        float[] weight = Values(random, 9 * channels), bias = Values(random, channels);
        using var packed = new PackedDepthwise(weight, bias, channels, 3, stride);
        using GuardedBuffer above = Pixels(random, pixels, channels), row = Pixels(random, pixels, channels);
        using var below = Pixels(random, pixels, channels);
        using GuardedBuffer output = new(columns * step), alone = new(step);
        GuardedBuffer[] rows = [above, row, below];
        kernels.DepthwiseRow(above.Pointer, row.Pointer, below.Pointer, packed, output.Pointer, columns, relu);
        for (var x = 0; x < columns; x++)
        {
            for (var c = 0; c < step; c++)
            {
                double sum = c < channels ? bias[c] : 0, magnitude = 1;
                for (var t = 0; c < channels && t < 9; t++)
                {
                    var product = (double)rows[t / 3][(x * stride + t % 3) * step + c] * weight[9 * c + t];
                    (sum, magnitude) = (sum + product, magnitude + Math.Abs(product));
                }
                Near(relu ? Math.Max(sum, 0) : sum, output[x * step + c], 4e-7 * magnitude, $"{channels}/{stride} {columns} ({x}, {c})");
            }
            var at = x * stride * step;
            kernels.DepthwiseRow(above.Pointer + at, row.Pointer + at, below.Pointer + at, packed, alone.Pointer, 1, relu);
            Assert.Equal(output.ToArray()[(x * step)..((x + 1) * step)], alone.ToArray());
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void StemRow_agrees_with_double_precision_and_each_pixel_stands_alone(string set)
    {
        var kernels = KernelSet.ByName(set);
        var random = new Random(2);
        foreach (var outputs in (int[])[5, 16, 24, 33, 48])
            foreach (var columns in Columns)
            {
                var step = KernelSet.Stride(outputs);
                float[] weight = Values(random, 27 * outputs), bias = Values(random, outputs);
                using var packed = kernels.Pack(weight, bias, outputs, 27);
                var count = 6 * (columns - 1) + 9;
                using GuardedBuffer above = new(Values(random, count)), row = new(Values(random, count)), below = new(Values(random, count));
                using GuardedBuffer output = new(columns * step), alone = new(step);
                GuardedBuffer[] rows = [above, row, below];
                kernels.StemRow(above.Pointer, row.Pointer, below.Pointer, packed, output.Pointer, columns);
                for (var x = 0; x < columns; x++)
                {
                    for (var o = 0; o < step; o++)
                    {
                        double sum = o < outputs ? bias[o] : 0, magnitude = 1;
                        for (var i = 0; o < outputs && i < 27; i++)
                        {
                            var product = (double)rows[i / 9][6 * x + i % 9] * weight[27 * o + i];
                            (sum, magnitude) = (sum + product, magnitude + Math.Abs(product));
                        }
                        Near(Math.Max(sum, 0), output[x * step + o], 4e-7 * magnitude, $"{outputs}, {columns} ({x}, {o})");
                    }
                    kernels.StemRow(above.Pointer + 6 * x, row.Pointer + 6 * x, below.Pointer + 6 * x, packed, alone.Pointer, 1);
                    Assert.Equal(output.ToArray()[(x * step)..((x + 1) * step)], alone.ToArray());
                }
            }
    }

    [Theory, MemberData(nameof(Sets))]
    public void MaxPoolRow_takes_the_largest_of_four_pixels_and_AddDoubledRow_adds_each_pixel_twice(string set)
    {
        var kernels = KernelSet.ByName(set);
        var random = new Random(3);
        foreach (var channels in (int[])[8, 16, 24, 40])
            foreach (var columns in Columns)
            {
                using GuardedBuffer top = new(Values(random, 2 * columns * channels)), bottom = new(Values(random, 2 * columns * channels));
                using var output = new GuardedBuffer(columns * channels);
                kernels.MaxPoolRow(top.Pointer, bottom.Pointer, output.Pointer, columns, channels);
                for (var i = 0; i < output.Count; i++)
                {
                    var left = i / channels * 2 * channels + i % channels;
                    Assert.Equal(new[] { top[left], top[left + channels], bottom[left], bottom[left + channels] }.Max(), output[i]);
                }
                var coarse = (columns + 1) / 2;
                using GuardedBuffer coarser = new(Values(random, coarse * channels)), row = new(output.ToArray());
                kernels.AddDoubledRow(coarser.Pointer, row.Pointer, columns, channels);
                for (var i = 0; i < row.Count; i++) Assert.Equal(output[i] + coarser[i / channels / 2 * channels + i % channels], row[i]);
            }
    }

    [Theory, MemberData(nameof(Sets))]
    public void MixBytes_and_MixPixels_lie_between_what_they_mix(string set)
    {
        var kernels = KernelSet.ByName(set);
        var random = new Random(4);
        foreach (var columns in (int[])[1, 2, 5, 6, 11, 16, 22, 33])
        {
            var count = 3 * columns;
            using var a = new GuardedBytes(random, count);
            using var b = new GuardedBytes(random, count);
            using var mixed = new GuardedBuffer(count);
            const float share = 0.37f, scale = 1 / 127.5f, shift = -1;
            kernels.MixBytes(a.Pointer, b.Pointer, share, scale, shift, mixed.Pointer, count);
            for (var i = 0; i < count; i++)
                Near((a.Pointer[i] + (b.Pointer[i] - a.Pointer[i]) * (double)share) * scale + shift, mixed[i], 1e-6, $"byte {i} of {count}");

            using GuardedBuffer row = new(Values(random, count + 4)), output = new(count), shares = new(Values(random, columns));
            using var first = new GuardedBuffer(columns);
            for (var x = 0; x < columns; x++) ((int*)first.Pointer)[x] = 3 * random.Next(columns);
            kernels.MixPixels(row.Pointer, (int*)first.Pointer, shares.Pointer, output.Pointer, columns);
            for (var i = 0; i < count; i++)
            {
                var at = ((int*)first.Pointer)[i / 3] + i % 3;
                Near(row[at] + (row[at + 3] - (double)row[at]) * shares[i / 3], output[i], 1e-6, $"value {i} of {count}");
            }
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void HalveRow_gives_the_rounded_mean_of_four_bytes(string set)
    {
        var random = new Random(5);
        for (var columns = 1; columns < 40; columns++)
        {
            using GuardedBytes top = new(random, 6 * columns), bottom = new(random, 6 * columns), output = new(random, 3 * columns);
            KernelSet.ByName(set).HalveRow(top.Pointer, bottom.Pointer, output.Pointer, columns);
            for (var i = 0; i < 3 * columns; i++)
            {
                var at = i / 3 * 6 + i % 3;
                Assert.Equal((top.Pointer[at] + top.Pointer[at + 3] + bottom.Pointer[at] + bottom.Pointer[at + 3] + 2) / 4, output.Pointer[i]);
            }
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void SampleLine_is_bilinear_to_the_last_pixel_it_may_read(string set)
    {
        var kernels = KernelSet.ByName(set);
        var random = new Random(6);
        const int width = 23, height = 17;
        using var picture = new GuardedBytes(random, 3 * width * height);
        foreach (var columns in Columns)
            for (var line = 0; line < 20; line++)
            {
                double x = random.NextDouble() * (width - 3), y = random.NextDouble() * (height - 2);
                double toX = random.NextDouble() * (width - 3), toY = random.NextDouble() * (height - 2);
                if (line == 0) (x, y, toX, toY) = (0, height - 2, width - 3, height - 2);
                double dx = (toX - x) / Math.Max(1, columns - 1) * (1 - 1e-12), dy = (toY - y) / Math.Max(1, columns - 1) * (1 - 1e-12);
                using var output = new GuardedBuffer(3 * columns);
                kernels.SampleLine(picture.Pointer, 3 * width, x, y, dx, dy, 1 / 127.5f, -1, output.Pointer, columns);
                for (var i = 0; i < output.Count; i++)
                {
                    double atX = x + i / 3 * dx, atY = y + i / 3 * dy, fx = atX - Math.Floor(atX), fy = atY - Math.Floor(atY);
                    var value = (At(0, 0) * (1 - fx) + At(1, 0) * fx) * (1 - fy) + (At(0, 1) * (1 - fx) + At(1, 1) * fx) * fy;
                    Near(value / 127.5 - 1, output[i], 2e-6, $"{columns} columns, value {i}");

                    double At(int right, int down) => picture.Pointer[((int)atY + down) * 3 * width + 3 * ((int)atX + right) + i % 3];
                }
            }
    }

    static float[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 2 - 1))];

    /// <summary>Pixels whose pad lanes are zero.</summary>
    static GuardedBuffer Pixels(Random random, int pixels, int channels)
    {
        var step = KernelSet.Stride(channels);
        var values = Values(random, pixels * step);
        for (var i = 0; i < values.Length; i++)
            if (i % step >= channels) values[i] = 0;
        return new(values);
    }

    static void Near(double expected, float found, double tolerance, string where)
        => Assert.True(Math.Abs(expected - found) <= tolerance, $"{where}: expected {expected}, found {found}, tolerance {tolerance}");

    /// <summary>Random bytes that end at a page which must not be touched.</summary>
    sealed class GuardedBytes : IDisposable
    {
        readonly GuardedBuffer _buffer;

        public GuardedBytes(Random random, int count)
        {
            _buffer = new((count + 3) / 4);
            Pointer = (byte*)_buffer.Pointer + 4 * _buffer.Count - count;
            random.NextBytes(new Span<byte>(Pointer, count));
        }

        public byte* Pointer { get; }

        public void Dispose() => _buffer.Dispose();
    }
}
