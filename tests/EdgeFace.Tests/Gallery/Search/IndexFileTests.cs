using System.Buffers.Binary;
using EdgeFace.Gallery.Search;

namespace EdgeFace.Tests.Gallery.Search;

/// <summary>The file of an index gives the same index back; what is not whole, or not of this gallery, is refused.</summary>
public sealed class IndexFileTests
{
    const int Rank = 13;

    static readonly byte[] Tag = [.. Enumerable.Range(0, IndexFile.TagBytes).Select(i => (byte)i)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(77)]
    [InlineData(RowChunk.Rows + 5)]
    public void An_index_survives_with_its_dead_rows_and_grows_on(int count)
    {
        var (samples, index) = Filled(count);
        for (var id = 3; id <= count; id += 7)
        {
            Assert.True(index.Remove(id));
            samples.Remove(id);
        }
        var loaded = CompactIndex.Load(new MemoryStream(Saved(index)), Rank, Tag);
        Assert.Equal(index.Count, loaded.Count);
        Assert.Equal(index.LastSampleId, loaded.LastSampleId);
        Assert.Equal(Saved(index), Saved(loaded));
        // Numbers more than 32 bits apart.
        foreach (var id in (long[])[count + 1, 1L << 40, long.MaxValue])
        {
            loaded.Add(id, samples.Add(id, 5, StoredSamples.Unit(new Random((int)(id % 1000)), Rank)));
            Assert.True(loaded.Matches(id, samples.Coordinates(id)));
        }
        var again = CompactIndex.Load(new Trickle(Saved(loaded)), Rank, Tag);
        var probe = StoredSamples.Unit(new Random(3), Rank);
        Assert.Equal(samples.Oracle.Search(probe, 20), again.Search(probe, 20, samples.Read)[0]);
    }

    [Fact]
    public void Every_cut_and_every_changed_byte_is_refused()
    {
        var file = Saved(Filled(70).Index);
        for (var length = 0; length < file.Length; length++)
        {
            var cut = file[..length];
            Assert.Contains("damaged",
                Assert.Throws<IndexFileException>(() => CompactIndex.Load(new MemoryStream(cut), Rank, Tag)).Message, StringComparison.Ordinal);
            Assert.Throws<IndexFileException>(() => CompactIndex.Load(new Trickle(cut), Rank, Tag));
        }
        for (var at = 0; at < file.Length; at++)
        {
            var changed = file.ToArray();
            changed[at] ^= (byte)(1 << at % 8);
            Assert.Throws<IndexFileException>(() => CompactIndex.Load(new MemoryStream(changed), Rank, Tag));
            Assert.Throws<IndexFileException>(() => CompactIndex.Load(new Trickle(changed), Rank, Tag));
        }
        Assert.Throws<IndexFileException>(() => CompactIndex.Load(new MemoryStream([.. file, 0]), Rank, Tag));
        Assert.Throws<IndexFileException>(() => CompactIndex.Load(new Trickle([.. file, 0]), Rank, Tag));
    }

    [Fact]
    public void Another_rank_or_state_is_refused_by_name()
    {
        var file = Saved(Filled(5).Index);
        Assert.Contains("rank 13", Refusal(file, 12, Tag), StringComparison.Ordinal);
        Assert.Contains("another state", Refusal(file, Rank, new byte[IndexFile.TagBytes]), StringComparison.Ordinal);
        Assert.Contains("another format", Refusal([.. "EFINDEX1"u8, .. file[8..]], Rank, Tag), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => CompactIndex.Load(new MemoryStream(file), Rank, new byte[31]));
    }

    [Fact]
    public void A_header_that_promises_much_makes_nothing_large()
    {
        var file = Saved(new CompactIndex(Rank));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(12), int.MaxValue);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(24), long.MaxValue);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(40), long.MaxValue);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(80), IndexFile.Checksum(file.AsSpan(0, 80), 0));
        foreach (var from in (Stream[])[new MemoryStream(file), new Trickle(file)])
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<IndexFileException>(() => CompactIndex.Load(from, Rank, Tag));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
    }

    static (StoredSamples Samples, CompactIndex Index) Filled(int count)
    {
        var random = new Random(count);
        var (samples, index) = (new StoredSamples(Rank), new CompactIndex(Rank));
        for (var id = 1; id <= count; id++) index.Add(id, samples.Add(id, id / 3 + 1, StoredSamples.Unit(random, Rank)));
        return (samples, index);
    }

    static byte[] Saved(CompactIndex index)
    {
        var to = new MemoryStream();
        index.Save(to, Tag);
        return to.ToArray();
    }

    static string Refusal(byte[] file, int rank, byte[] tag)
        => Assert.Throws<IndexFileException>(() => CompactIndex.Load(new MemoryStream(file), rank, tag)).Message;

    /// <summary>Does not know its length, and gives a few bytes at a time, as a stream that decrypts may.</summary>
    sealed class Trickle(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 999)]);
    }
}
