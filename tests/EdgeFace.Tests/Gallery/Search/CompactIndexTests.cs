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
            foreach (var probes in (int[])[1, 5])
                Same(samples, index, [.. Enumerable.Range(0, probes).Select(_ => Probe(samples, random, rank))], 10);
        }
    }

    [Fact]
    public void Many_samples_of_one_person_hide_nobody()
    {
        const int rank = 20, many = 5000;
        var random = new Random(2);
        var (samples, index) = (new StoredSamples(rank), new CompactIndex(rank));
        var centre = StoredSamples.Unit(random, rank);
        for (var id = 1; id <= many + 400; id++)
        {
            var row = id <= many ? StoredSamples.Near(random, centre, 0.02) : StoredSamples.Unit(random, rank);
            index.Add(id, samples.Add(id, id <= many ? 900 : id, row));
        }
        foreach (var persons in (int[])[1, 2, 3, 300, 1000]) Same(samples, index, [centre, StoredSamples.Unit(random, rank)], persons);
    }

    [Fact]
    public void Few_samples_are_read()
    {
        const int rank = 116, count = 20_000;
        var random = new Random(5);
        var (samples, index) = (new StoredSamples(rank), new CompactIndex(rank));
        for (var id = 1; id <= count; id++) index.Add(id, samples.Add(id, id, StoredSamples.Unit(random, rank)));
        for (var p = 0; p < 10; p++)
        {
            var probe = StoredSamples.Unit(random, rank);
            Assert.Equal(samples.Oracle.Search(probe, 10), index.Search(probe, 10, samples.Read)[0]);
        }
        Assert.InRange(samples.Reads, 100, 10 * 100);
        var before = samples.Reads;
        Assert.Empty(index.Search(StoredSamples.Unit(random, rank), 10, samples.Read, atLeast: 0.7)[0]);
        Assert.Equal(before, samples.Reads);
    }

    [Fact]
    public void Removing_most_rows_moves_the_others_together()
    {
        const int rank = 9, count = 40_000;
        var random = new Random(6);
        var (samples, index) = (new StoredSamples(rank), new CompactIndex(rank));
        for (var id = 1; id <= count; id++)
        {
            var values = StoredSamples.Unit(random, rank);
            if (id % 50 == 0) index.Add(id, samples.Add(id, id, values));
            else index.Add(id, [.. values.Select(v => (Half)v)]);
        }
        var bytes = index.Bytes;
        var removed = 0;
        foreach (var ids in Enumerable.Range(1, count).Where(i => i % 50 != 0).Select(i => (long)i).Chunk(1000)) removed += index.Remove(ids);
        Assert.Equal((count - 800, 800), (removed, index.Count));
        Assert.InRange(index.Bytes, 1, bytes / 2);
        Assert.Equal(count, index.LastSampleId);
        Assert.False(index.Remove(1));
        for (var id = 50; id <= count; id += 50) Assert.True(index.Matches(id, samples.Coordinates(id)));
        Same(samples, index, [StoredSamples.Unit(random, rank), StoredSamples.Unit(random, rank)], 10);
        Assert.Throws<ArgumentException>(() => index.Add(count, samples.Coordinates(50)));
    }

    [Fact]
    public void Refused_samples_change_nothing()
    {
        var index = new CompactIndex(3);
        index.Add([4, 9], [(Half)1, (Half)0, (Half)0, (Half)0, (Half)1, (Half)0]);
        Half[] good = [(Half)1, (Half)2, (Half)3];
        foreach (var bad in (Half[][])[[Half.NaN, (Half)1, (Half)1], [(Half)1, Half.PositiveInfinity, (Half)1], [(Half)0, (Half)0, (Half)0]])
            Assert.Throws<ArgumentException>(() => index.Add([10, 11], [.. good, .. bad]));
        foreach (var id in (long[])[9, 4, 5, -1]) Assert.Throws<ArgumentException>(() => index.Add(id, good));
        Assert.Throws<ArgumentException>(() => index.Add([11, 11], [.. good, .. good]));
        Assert.Throws<ArgumentException>(() => index.Add(12, good.AsSpan(1)));
        Assert.Equal((2, 9), (index.Count, index.LastSampleId));
        Assert.False(index.Matches(4, good));
        foreach (var probe in (float[][])[[float.NaN, 0, 1], [0, 0, 0], [float.PositiveInfinity, 1, 1], [1, 2]])
            Assert.Throws<ArgumentException>(() => index.Search(probe, 1, (_, _, _) => { }));
        foreach (var persons in (int[])[0, 1001])
            Assert.Throws<ArgumentOutOfRangeException>(() => index.Search([1, 2, 3], persons, (_, _, _) => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CompactIndex(RowCode.MostRank + 1));
    }

    [Fact]
    public async Task Searches_and_changes_run_side_by_side()
    {
        const int rank = 16, kept = 3000, later = 6000;
        var random = new Random(7);
        var (samples, index) = (new StoredSamples(rank), new CompactIndex(rank));
        for (var id = 1; id <= kept; id++) index.Add(id, samples.Add(id, id, StoredSamples.Unit(random, rank)));
        // What comes and goes meanwhile is known to no store: it must not disturb what stays.
        var stranger = StoredSamples.Unit(random, rank).Select(v => (Half)v).ToArray();
        var probes = Enumerable.Range(0, 3).SelectMany(_ => StoredSamples.Unit(random, rank)).ToArray();
        var expected = Enumerable.Range(0, 3).Select(p => samples.Oracle.Search(probes.AsSpan(p * rank, rank), 5)).ToArray();
        void Read(ReadOnlySpan<long> ids, Span<long> people, Span<Half> coordinates)
        {
            // A store may look into the index while it is read.
            Assert.True(index.Count >= kept);
            samples.Read(ids, people, coordinates);
        }
        using var stop = new CancellationTokenSource();
        var cancellation = stop.Token;
        var searches = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var first = true; first || !cancellation.IsCancellationRequested; first = false)
                Assert.Equal(expected, index.Search(probes, 5, Read));
        }, CancellationToken.None)).ToArray();
        for (long id = kept + 1; id <= kept + later; id++)
        {
            index.Add(id, stranger);
            if (id % 2 == 0) Assert.Equal(2, index.Remove([id - 1, id]));
        }
        await stop.CancelAsync();
        await Task.WhenAll(searches);
        Assert.Equal(kept, index.Count);
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
            var row = random.Next(12) switch
            {
                0 when before is not null => before,
                1 => Axis(random, index.Rank),
                _ => StoredSamples.Near(random, centre, spread),
            };
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
        var expected = probes.Select(p => samples.Oracle.Search(p, persons)).ToArray();
        // Above nothing, above what leaves out about half of the first probe's people and all but the first, at that score itself, and above all.
        double[] floors = expected[0] is { Length: > 0 } first
            ? [double.NegativeInfinity, first[first.Length / 2].Score, first[0].Score, 1.1]
            : [double.NegativeInfinity, 0];
        foreach (var floor in floors)
        {
            var found = index.Search([.. probes.SelectMany(p => p)], persons, samples.Read, floor);
            Assert.Equal(probes.Length, found.Length);
            for (var p = 0; p < probes.Length; p++) Assert.Equal(expected[p].Where(hit => hit.Score >= floor), found[p]);
        }
    }
}
