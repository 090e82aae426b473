using EdgeFace.Gallery.Search;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery.Search;

/// <summary>The scan: every width gives the integers of plain sums, the bytes stay inside their bound.</summary>
public sealed unsafe class ScanKernelTests
{
    public static TheoryData<string> Kernels => CompactIndexTests.Kernels;

    public static TheoryData<string, ScanProducts> KernelsAndProducts
        => [.. from kernel in ScanKernel.Available from products in Enum.GetValues<ScanProducts>() select (kernel.Name, products)];

    [Theory, MemberData(nameof(KernelsAndProducts))]
    public void Sums_are_exact(string name, ScanProducts products)
    {
        const int rows = RowChunk.BlockRows;
        var kernel = CompactIndexTests.Kernel(name);
        foreach (var fours in (int[])[1, 2, 3, 7, 15, 16, 17, 29, 32, 33, 128, 512])
        {
            var factors = new ScanFactors(products, fours);
            var length = ScanKernel.Length(fours);
            using GuardedBuffer block = new(rows * fours), four = new(length * ScanKernel.Probes), one = new(length),
                scores = new(ScanKernel.Probes * rows), thresholds = new(ScanKernel.Probes);
            factors.Block().CopyTo(new Span<byte>(block.Pointer, rows * fours * 4));
            factors.Interleaved().CopyTo(new Span<int>(four.Pointer, length * ScanKernel.Probes));
            var expected = factors.Expected;
            int* found = (int*)scores.Pointer, limits = (int*)thresholds.Pointer;
            for (var p = 0; p < ScanKernel.Probes; p++) limits[p] = expected.AsSpan(p * rows, rows).ToArray().Max() - (p % 2 == 0 ? 1 : 0);
            Assert.Equal(0b0101u, kernel.Four((byte*)block.Pointer, fours, (int*)four.Pointer, limits, found));
            Assert.Equal(expected, new ReadOnlySpan<int>(found, expected.Length).ToArray());
            for (var p = 0; p < ScanKernel.Probes; p++)
            {
                var mine = expected[(p * rows)..((p + 1) * rows)];
                ScanFactors.Packed(factors.Digits[p]).CopyTo(new Span<int>((int*)one.Pointer, length));
                Assert.Equal(p % 2 == 0, kernel.One((byte*)block.Pointer, fours, (int*)one.Pointer, limits[p], found));
                Assert.Equal(mine, new ReadOnlySpan<int>(found, rows).ToArray());
                // Any row alone is seen.
                new Span<int>(limits, ScanKernel.Probes).Fill(int.MaxValue);
                foreach (var raised in mine)
                {
                    Assert.True(kernel.One((byte*)block.Pointer, fours, (int*)one.Pointer, raised - 1, found));
                    Assert.Equal(mine.Any(e => e > raised), kernel.One((byte*)block.Pointer, fours, (int*)one.Pointer, raised, found));
                    limits[p] = raised - 1;
                    Assert.Equal(1u << p, kernel.Four((byte*)block.Pointer, fours, (int*)four.Pointer, limits, found));
                    limits[p] = raised;
                    Assert.Equal(mine.Any(e => e > raised) ? 1u << p : 0,
                        kernel.Four((byte*)block.Pointer, fours, (int*)four.Pointer, limits, found));
                }
                for (var q = p + 1; q < ScanKernel.Probes; q++) limits[q] = expected.AsSpan(q * rows, rows).ToArray().Max() - (q % 2 == 0 ? 1 : 0);
            }
        }
    }

    [Theory, MemberData(nameof(Kernels))]
    public void No_row_makes_sums_that_do_not_fit(string name)
    {
        var kernel = CompactIndexTests.Kernel(name);
        var scalar = CompactIndexTests.Kernel("scalar");
        int* expected = stackalloc int[RowChunk.BlockRows], found = stackalloc int[RowChunk.BlockRows];
        foreach (var rank in (int[])[1, 2, 3, 5, 30, 63, 64, 65, 116, 193, 512, 2048])
            for (var round = 0; round < 8; round++)
            {
                // The whole probe in few values, in half a run, or everywhere.
                var random = new Random(rank + round);
                const int run = 4 * ScanKernel.Run;
                var probe = StoredSamples.Unit(random, rank);
                for (var i = 0; i < rank; i++)
                    probe[i] = (round % 4) switch
                    {
                        0 => probe[i],
                        1 => i % 4 < 2 && i < run ? probe[i] : 0,
                        2 => i % 4 < 2 && i < run ? MathF.Sign(probe[i]) : 0,
                        _ => i >= rank - 3 ? probe[i] : probe[i] / 1000,
                    };
                var packed = new PackedProbes(probe, [0], rank);
                foreach (var integers in (int[][])[packed.High, packed.Low])
                {
                    // The rows that are most like the digits of half a run.
                    var digits = Digits(integers, rank);
                    var chunk = new RowChunk(rank, 0);
                    var codes = new sbyte[RowChunk.RowBytes(rank)];
                    for (var r = 0; r < RowChunk.BlockRows; r++)
                    {
                        var row = new Half[rank];
                        for (var i = 0; i < rank; i++)
                            if (i / run * 2 + i / 2 % 2 == r / 4 % ((rank + run - 1) / run * 2))
                                row[i] = (Half)((r % 2 == 0 ? 1 : -1) * (r % 4 < 2 ? digits[i] : Math.Sign(digits[i])));
                        if (row.All(v => v == (Half)0)) row[0] = (Half)1;
                        chunk.Add(r, codes, RowCode.Encode(row, codes));
                    }
                    fixed (int* four = integers)
                    {
                        scalar.One(chunk.Codes, packed.Fours, four, 0, expected);
                        kernel.One(chunk.Codes, packed.Fours, four, 0, found);
                    }
                    Assert.Equal(new ReadOnlySpan<int>(expected, RowChunk.BlockRows), new ReadOnlySpan<int>(found, RowChunk.BlockRows));
                }
            }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(31)]
    [InlineData(116)]
    [InlineData(193)]
    [InlineData(512)]
    [InlineData(2048)]
    public void Scores_lie_within_the_bound_also_for_rows_that_no_byte_reaches(int rank)
    {
        var random = new Random(rank);
        var kernel = ScanKernel.Default;
        using GuardedBuffer coarse = new(RowChunk.BlockRows), fine = new(RowChunk.BlockRows);
        for (var round = 0; round < 40; round++)
        {
            var chunk = new RowChunk(rank, 0);
            var rows = new Half[RowChunk.BlockRows][];
            var codes = new sbyte[RowChunk.RowBytes(rank)];
            for (var r = 0; r < rows.Length; r++)
            {
                var row = StoredSamples.Unit(random, rank);
                // Ever fewer values carry the row; lengths other than 1 are the store's business.
                for (var i = 0; i < rank; i++) row[i] *= i < rank >> r % 12 ? 3 : r % 2 == 0 ? 0 : 0.01f;
                if (r % 12 > 10) row[0] = 1;
                rows[r] = [.. row.Select(v => (Half)v)];
                if (rows[r].All(v => v == (Half)0)) rows[r][0] = (Half)1;
                var residual = RowCode.Encode(rows[r], codes);
                chunk.Add(r, codes, residual);
            }
            var probe = round % 3 == 0 ? [.. rows[round % 32].Select(v => (float)v)] : StoredSamples.Unit(random, rank);
            var packed = new PackedProbes(probe, [0], rank);
            fixed (int* digits = packed.High) kernel.One(chunk.Codes, packed.Fours, digits, int.MaxValue, (int*)coarse.Pointer);
            fixed (int* digits = packed.Low) kernel.One(chunk.Codes, packed.Fours, digits, int.MaxValue, (int*)fine.Pointer);
            for (var r = 0; r < rows.Length; r++)
            {
                var cosine = StoredCosine.Of(probe, [.. rows[r].Select(v => (float)v)]);
                int high = ((int*)coarse.Pointer)[r], low = ((int*)fine.Pointer)[r];
                var error = packed.Error(0, RowCode.Residual(chunk.Residuals[r]));
                Assert.InRange(cosine - packed.Score(0, high, low), -error, error);
                Assert.True(packed.Threshold(0, cosine, RowCode.Residual(chunk.Residuals[r])) < high);
                if (r % 12 == 0 && rank > 30) Assert.InRange(error, 0, 0.1);
            }
        }
    }

    static int[] Digits(int[] packed, int rank)
    {
        var fours = packed.Where((_, i) => i % (ScanKernel.Run + 1) != 0).ToArray();
        var digits = fours.SelectMany(BitConverter.GetBytes).Select(d => (int)(sbyte)d).ToArray();
        Assert.Equal(packed, ScanFactors.Packed(digits));
        Assert.All(digits, d => Assert.InRange(d, -64, 64));
        Assert.All(digits[rank..], d => Assert.Equal(0, d));
        return digits[..rank];
    }
}
