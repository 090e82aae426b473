using CsCheck;
using EdgeFace.Gallery.Search;

namespace EdgeFace.Tests.Gallery.Search;

/// <summary>The compact index gives what comparing every sample gives, to the last bit.</summary>
public sealed class CompactIndexTests
{
    static readonly int[] Counts = [0, 1, 2, 31, 32, 33, 63, 64, 65, 100, 500, 1500];

    public static TheoryData<string> Kernels => [.. ScanKernel.Available.Select(k => k.Name)];

    internal static ScanKernel Kernel(string name)
    {
        var kernel = ScanKernel.Available.Single(k => k.Name == name);
        Assert.SkipUnless(kernel.Runs, $"this processor does not run the scan of {name}");
        return kernel;
    }

    [Theory, MemberData(nameof(Kernels))]
    public void Finds_what_the_oracle_finds(string name)
    {
        var kernel = Kernel(name);
        var gen = Gen.Select(Gen.Int[1, 40], Any(Counts), Gen.Int[0, int.MaxValue], Any(1, 2, 10, 50, 1000), Gen.Int[1, 9],
            Any(0.0, 0.1, 0.5, 3.0), Any(1, 3, 20, 400), Any(0.0, 0.2, 0.9));
        gen.Sample((rank, count, seed, persons, probes, spread, perPerson, removed) =>
        {
            var random = new Random(seed);
            var (samples, index) = (new StoredSamples(rank), new CompactIndex(rank, kernel));
            Fill(samples, index, random, count, spread, perPerson);
            for (var id = 1; id <= count; id++)
                if (random.NextDouble() < removed)
                {
                    Assert.True(index.Remove(id * 3));
                    samples.Remove(id * 3);
                }
            Same(samples, index, [.. Enumerable.Range(0, probes).Select(_ => Probe(samples, random, rank))], persons);
        }, iter: 150);
    }

    [Theory, MemberData(nameof(Kernels))]
    public void Finds_what_the_oracle_finds_among_several_chunks(string name)
    {
        const int rank = 24;
        var kernel = Kernel(name);
        foreach (var count in (int[])[RowChunk.Rows - 1, RowChunk.Rows, RowChunk.Rows + 1, 2 * RowChunk.Rows + 45])
        {
            var random = new Random(count);
            var (samples, index) = (new StoredSamples(rank), new CompactIndex(rank, kernel));
            Fill(samples, index, random, count, 0.6, 7);
            foreach (var probes in (int[])[1, 5]) Same(samples, index, [.. Enumerable.Range(0, probes).Select(_ => Probe(samples, random, rank))], 10);
        }
    }

    static void Fill(StoredSamples samples, CompactIndex index, Random random, int count, double spread, int perPerson)
    {
        // Numbers with gaps; persons are numbered against the order of their samples.
        var centre = StoredSamples.Unit(random, index.Rank);
        float[]? before = null;
        for (var i = 1; i <= count; i++)
        {
            if (i % perPerson == 0) centre = StoredSamples.Unit(random, index.Rank);
            // Some rows repeat the one before, some lie along an axis, which no byte reaches.
            var row = random.Next(12) switch { 0 when before is not null => before, 1 => Axis(random, index.Rank), _ => StoredSamples.Near(random, centre, spread) };
            index.Add(i * 3, samples.Add(i * 3, 1 + count - i / perPerson, before = row));
        }
        Assert.Equal(count, index.Count);
    }

    static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    static float[] Axis(Random random, int rank)
    {
        var row = new float[rank];
        row[random.Next(rank)] = random.Next(2) * 2 - 1;
        return row;
    }

    static float[] Probe(StoredSamples samples, Random random, int rank)
    {
        if (samples.Oracle.Count == 0 || random.Next(3) == 0) return StoredSamples.Unit(random, rank);
        var hit = samples.Oracle.Search(StoredSamples.Unit(random, rank), 1)[0];
        float[] row = [.. samples.Coordinates(hit.SampleId).Select(c => (float)c)];
        return random.Next(2) == 0 ? row : StoredSamples.Near(random, row, 0.4);
    }

    static void Same(StoredSamples samples, CompactIndex index, float[][] probes, int persons)
    {
        var found = index.Search([.. probes.SelectMany(p => p)], persons, samples.Read);
        Assert.Equal(probes.Length, found.Length);
        for (var p = 0; p < probes.Length; p++) Assert.Equal(samples.Oracle.Search(probes[p], persons), found[p]);
    }
}
