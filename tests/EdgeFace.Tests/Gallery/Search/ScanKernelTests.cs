using EdgeFace.Gallery.Search;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery.Search;

/// <summary>The scan: every width gives the integers of plain sums, the bytes stay inside their bound.</summary>
public sealed unsafe class ScanKernelTests
{
    public static TheoryData<string> Kernels => CompactIndexTests.Kernels;

    [Theory, MemberData(nameof(Kernels))]
    public void Sums_are_exact(string name)
    {
        var kernel = CompactIndexTests.Kernel(name);
        foreach (var pairs in (int[])[1, 2, 3, 7, 58, 97, 256, 1024])
            foreach (var extreme in (bool[])[false, true])
            {
                var random = new Random(pairs);
                const int rows = RowChunk.BlockRows;
                using GuardedBuffer block = new(rows * pairs * 2 / 4), packed = new(pairs * ScanKernel.Probes), one = new(pairs), scores = new(ScanKernel.Probes * rows), thresholds = new(ScanKernel.Probes);
                var codes = (sbyte*)block.Pointer;
                var probes = (short*)packed.Pointer;
                // The largest products, of which 32 bits hold as many as a probe and a row of length 1 can make.
                var reach = extreme ? pairs > 200 ? 2000 : short.MaxValue : 3000;
                for (var i = 0; i < rows * pairs * 2; i++) codes[i] = (sbyte)(extreme ? i % 3 == 0 ? -127 : 127 : random.Next(-127, 128));
                for (var i = 0; i < pairs * 2 * ScanKernel.Probes; i++) probes[i] = (short)(extreme ? i % 5 == 0 ? -reach : reach : random.Next(-reach, reach + 1));
                var expected = new int[ScanKernel.Probes * rows];
                for (var p = 0; p < ScanKernel.Probes; p++)
                    for (var r = 0; r < rows; r++)
                        for (var i = 0; i < 2 * pairs; i++)
                            expected[p * rows + r] += codes[i / 2 * 2 * rows + 2 * r + i % 2] * probes[(i / 2 * ScanKernel.Probes + p) * 2 + i % 2];
                int* found = (int*)scores.Pointer, limits = (int*)thresholds.Pointer;
                for (var p = 0; p < ScanKernel.Probes; p++) limits[p] = expected.AsSpan(p * rows, rows).ToArray().Max() - (p % 2 == 0 ? 1 : 0);
                Assert.Equal(0b0101u, kernel.Four(codes, pairs, (int*)packed.Pointer, limits, found));
                Assert.Equal(expected, new ReadOnlySpan<int>(found, expected.Length).ToArray());
                for (var p = 0; p < ScanKernel.Probes; p++)
                {
                    for (var i = 0; i < pairs; i++) ((int*)one.Pointer)[i] = ((int*)packed.Pointer)[i * ScanKernel.Probes + p];
                    Assert.Equal(p % 2 == 0, kernel.One(codes, pairs, (int*)one.Pointer, limits[p], found));
                    Assert.Equal(expected[(p * rows)..((p + 1) * rows)], new ReadOnlySpan<int>(found, rows).ToArray());
                }
                // Any row alone is seen.
                for (var r = 0; r < rows; r++)
                {
                    var raised = expected[r];
                    var above = expected.AsSpan(0, rows).ToArray().Any(e => e > raised - 1);
                    for (var i = 0; i < pairs; i++) ((int*)one.Pointer)[i] = ((int*)packed.Pointer)[i * ScanKernel.Probes];
                    Assert.Equal(above, kernel.One(codes, pairs, (int*)one.Pointer, raised - 1, found));
                    Assert.Equal(expected.AsSpan(0, rows).ToArray().Any(e => e > raised), kernel.One(codes, pairs, (int*)one.Pointer, raised, found));
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
        using var scores = new GuardedBuffer(RowChunk.BlockRows);
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
            fixed (int* pairs = packed.Packed) kernel.One(chunk.Codes, packed.Pairs, pairs, int.MaxValue, (int*)scores.Pointer);
            for (var r = 0; r < rows.Length; r++)
            {
                var cosine = StoredCosine.Of(probe, [.. rows[r].Select(v => (float)v)]);
                var score = ((int*)scores.Pointer)[r];
                var error = packed.Error(0, RowCode.Residual(chunk.Residuals[r]));
                Assert.InRange(cosine - packed.Score(0, score), -error, error);
                Assert.True(packed.Threshold(0, cosine, RowCode.Residual(chunk.Residuals[r])) < score);
                if (r % 12 == 0 && rank > 30) Assert.InRange(error, 0, 0.1);
            }
        }
    }
}
