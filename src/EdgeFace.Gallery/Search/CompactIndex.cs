using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace EdgeFace.Gallery.Search;

/// <summary>
/// Exact search over samples kept as a byte for each coordinate: the scan of the bytes gives every score within a proven bound, and whatever the
/// bound cannot settle is read from the store and scored there. The result equals comparing all stored samples. Safe for any number of threads:
/// searches run side by side, changes one at a time. See docs/gallery-search.md.
/// </summary>
[SuppressMessage("Design", "CA1001",
    Justification = "Searches may be in progress when an index is replaced; the lock holds nothing but events that finalisers free.")]
sealed class CompactIndex
{
    /// <summary>Most people that a search reports.</summary>
    public const int MostPersons = 1000;

    // So many probes share a pass.
    const int PassProbes = 64;

    // Rows gathered beyond the people asked for: people have several samples.
    const int Spare = 32;

    const int LeastDead = 4096;

    readonly ReaderWriterLockSlim _lock = new();
    readonly ScanKernel _kernel;
    List<RowChunk> _chunks = [];
    long _count, _dead, _lastSampleId = long.MinValue;
    int _searching;

    /// <param name="rank">Coordinates of a sample, 1 to 2048.</param>
    /// <param name="kernel">Null takes the default.</param>
    public CompactIndex(int rank, ScanKernel? kernel = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rank, RowCode.MostRank);
        Rank = rank;
        _kernel = kernel ?? ScanKernel.Default;
    }

    public int Rank { get; }

    /// <summary>Samples.</summary>
    public long Count => Read(() => _count);

    /// <summary>The highest number ever added, removed ones included; <see cref="long.MinValue"/> before the first.</summary>
    public long LastSampleId => Read(() => _lastSampleId);

    /// <summary>Memory reserved for rows, of which at most the last chunk is not used.</summary>
    public long Bytes => Read(() => _chunks.Sum(c => c.Bytes));

    /// <summary>Adds a sample.</summary>
    /// <param name="sampleId">Higher than all before.</param>
    /// <param name="coordinates">As they are stored; of any length but zero.</param>
    /// <exception cref="ArgumentException">The number is not higher, or a coordinate is not finite, or all are zero. Nothing was added.</exception>
    public void Add(long sampleId, ReadOnlySpan<Half> coordinates) => Add([sampleId], coordinates);

    /// <summary>Adds samples, all or none.</summary>
    /// <param name="sampleIds">Ascending, higher than all before.</param>
    /// <param name="coordinates">Rank values for each.</param>
    /// <exception cref="ArgumentException">As above.</exception>
    public void Add(ReadOnlySpan<long> sampleIds, ReadOnlySpan<Half> coordinates)
    {
        if (coordinates.Length != (long)sampleIds.Length * Rank)
            throw new ArgumentException(
                $"{sampleIds.Length} samples have {(long)sampleIds.Length * Rank} coordinates, not {coordinates.Length}", nameof(coordinates));
        for (var i = 1; i < sampleIds.Length; i++)
            if (sampleIds[i] <= sampleIds[i - 1])
                throw new ArgumentException($"sample numbers ascend: {sampleIds[i]} follows {sampleIds[i - 1]}", nameof(sampleIds));
        var size = RowChunk.RowBytes(Rank);
        var codes = ArrayPool<sbyte>.Shared.Rent(sampleIds.Length * size);
        var residuals = ArrayPool<byte>.Shared.Rent(sampleIds.Length);
        try
        {
            for (var i = 0; i < sampleIds.Length; i++)
                residuals[i] = RowCode.Encode(coordinates.Slice(i * Rank, Rank), codes.AsSpan(i * size, size));
            _lock.EnterWriteLock();
            try
            {
                if (sampleIds.Length > 0 && sampleIds[0] <= _lastSampleId)
                    throw new ArgumentException($"sample numbers ascend: {sampleIds[0]} follows {_lastSampleId}", nameof(sampleIds));
                for (var i = 0; i < sampleIds.Length; i++) Append(_chunks, Rank, sampleIds[i], codes.AsSpan(i * size, size), residuals[i]);
                if (sampleIds.Length > 0) _lastSampleId = sampleIds[^1];
                _count += sampleIds.Length;
            }
            finally { _lock.ExitWriteLock(); }
        }
        finally
        {
            // What stands for a face does not stay in a pool.
            ArrayPool<sbyte>.Shared.Return(codes, clearArray: true);
            ArrayPool<byte>.Shared.Return(residuals);
        }
    }

    /// <summary>Removes a sample; its bytes are overwritten.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(long sampleId) => Remove([sampleId]) == 1;

    /// <summary>Removes samples.</summary>
    /// <returns>How many of them were there.</returns>
    public int Remove(ReadOnlySpan<long> sampleIds)
    {
        _lock.EnterWriteLock();
        try
        {
            var removed = 0;
            foreach (var id in sampleIds)
            {
                var (chunk, row) = Find(id);
                if (row < 0) continue;
                chunk!.Remove(row);
                removed++;
            }
            _count -= removed;
            _dead += removed;
            if (_dead > LeastDead && _dead > _count / 3) Compact();
            return removed;
        }
        finally { _lock.ExitWriteLock(); }
    }

    /// <summary>
    /// The people whose best samples score highest, for each probe: highest score first, of equal scores the lower person number. Samples added
    /// or removed meanwhile may be missing or seen.
    /// </summary>
    /// <param name="probes">Rank values for each, of any length but zero.</param>
    /// <param name="persons">At most so many people for each, 1 to <see cref="MostPersons"/>.</param>
    /// <param name="read">Reads samples from the store.</param>
    /// <param name="atLeast">People whose best score is lower are left out.</param>
    public SearchHit[][] Search(ReadOnlySpan<float> probes, int persons, ReadSamples read, double atLeast = double.NegativeInfinity)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentOutOfRangeException.ThrowIfLessThan(persons, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(persons, MostPersons);
        if (probes.Length % Rank != 0)
            throw new ArgumentException($"a probe has {Rank} coordinates; {probes.Length} are no multiple", nameof(probes));
        var found = new SearchHit[probes.Length / Rank][];
        foreach (var pass in Enumerable.Range(0, found.Length).Chunk(PassProbes))
        {
            // A person with many samples can fill what a pass gathers; then it is repeated for more.
            var open = pass;
            for (long most = 2 * persons + Spare; open.Length > 0; most *= 8)
            {
                var nearest = Scan(new PackedProbes(probes, open, Rank), (int)Math.Min(most, int.MaxValue), atLeast);
                var incomplete = new List<int>();
                for (var i = 0; i < open.Length; i++)
                {
                    found[open[i]] = PersonRanking.Of(probes.Slice(open[i] * Rank, Rank), nearest[i], persons, atLeast, read, out var complete);
                    if (!complete) incomplete.Add(open[i]);
                }
                open = [.. incomplete];
            }
        }
        return found;
    }

    /// <summary>Whether the sample is here with these coordinates.</summary>
    public bool Matches(long sampleId, ReadOnlySpan<Half> coordinates)
    {
        var size = RowChunk.RowBytes(Rank);
        Span<sbyte> expected = stackalloc sbyte[size], here = stackalloc sbyte[size];
        var residual = RowCode.Encode(coordinates, expected);
        _lock.EnterReadLock();
        try
        {
            var (chunk, row) = Find(sampleId);
            if (row < 0) return false;
            chunk!.Read(row, here);
            return chunk.Residuals[row] == residual && here.SequenceEqual(expected);
        }
        finally { _lock.ExitReadLock(); }
    }

    /// <summary>Writes the index. Little-endian, see <see cref="IndexFile"/>.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="tag"><see cref="IndexFile.TagBytes"/> bytes by which the store knows which state of it this is.</param>
    public void Save(Stream to, ReadOnlySpan<byte> tag)
    {
        _lock.EnterReadLock();
        try { IndexFile.Write(to, Rank, _chunks, _count, _lastSampleId, tag); }
        finally { _lock.ExitReadLock(); }
    }

    /// <summary>What <see cref="Save"/> wrote.</summary>
    /// <exception cref="IndexFileException">It is damaged, or of another rank or tag: build the index from the store.</exception>
    public static CompactIndex Load(Stream from, int rank, ReadOnlySpan<byte> tag, ScanKernel? kernel = null)
    {
        var index = new CompactIndex(rank, kernel);
        (index._chunks, index._count, index._lastSampleId) = IndexFile.Read(from, rank, tag);
        index._dead = index._chunks.Sum(c => (long)c.Used) - index._count;
        return index;
    }

    Nearest[] Scan(PackedProbes probes, int most, double atLeast)
    {
        _lock.EnterReadLock();
        try
        {
            // Searches side by side share the processors.
            var threads = Math.Max(1, Environment.ProcessorCount / Interlocked.Increment(ref _searching));
            return new IndexScan([.. _chunks], probes, most, atLeast, _kernel).Run(threads);
        }
        finally
        {
            Interlocked.Decrement(ref _searching);
            _lock.ExitReadLock();
        }
    }

    static void Append(List<RowChunk> chunks, int rank, long id, ReadOnlySpan<sbyte> codes, byte residual)
    {
        if (chunks.Count == 0 || !chunks[^1].Takes(id)) chunks.Add(new(rank, id));
        chunks[^1].Add(id, codes, residual);
    }

    /// <summary>Moves the rows that live together.</summary>
    void Compact()
    {
        var chunks = new List<RowChunk>();
        var codes = new sbyte[RowChunk.RowBytes(Rank)];
        for (var c = 0; c < _chunks.Count; c++)
        {
            var chunk = _chunks[c];
            for (var row = 0; row < chunk.Used; row++)
            {
                if (!chunk.IsAlive(row)) continue;
                chunk.Read(row, codes);
                Append(chunks, Rank, chunk.FirstId + chunk.Offsets[row], codes, chunk.Residuals[row]);
            }
        }
        (_chunks, _dead) = (chunks, 0);
    }

    (RowChunk? Chunk, int Row) Find(long id)
    {
        int low = 0, high = _chunks.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_chunks[middle].FirstId <= id) low = middle;
            else high = middle - 1;
        }
        return high < 0 ? (null, -1) : (_chunks[low], _chunks[low].Find(id));
    }

    T Read<T>(Func<T> value)
    {
        _lock.EnterReadLock();
        try { return value(); }
        finally { _lock.ExitReadLock(); }
    }
}
