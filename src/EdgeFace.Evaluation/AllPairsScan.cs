namespace EdgeFace.Evaluation;

/// <summary>
/// One pass over all pairs. Threads take bands of rows as they come free; what they gather is whole numbers, members of a totally
/// ordered set, and sums kept for each band, so the result is the same for any number of threads.
/// </summary>
sealed class AllPairsScan(ReadOnlyMemory<float> embeddings, int dimension, int[] person, int most)
{
    readonly int _bands = (person.Length + DotBlocks.Rows - 1) / DotBlocks.Rows;

    public long[] Histogram { get; } = new long[ScoreHistogram.Bins];

    public ScoredPair[] Genuine { get; private set; } = [];

    public ScoredPair[] Closest { get; private set; } = [];

    public double Mean { get; private set; }

    public double Deviation { get; private set; }

    sealed class Worker(int most)
    {
        public readonly int[] Histogram = new int[ScoreHistogram.Bins];
        public readonly List<ScoredPair> Genuine = [];
        public readonly HighestPairs Closest = new(most);
        public readonly float[] Scores = new float[DotBlocks.Rows * DotBlocks.Rows];
        public long SinceFlush;
    }

    public void Run(int threads, CancellationToken cancellation)
    {
        var sums = new (double Sum, double Squares, long Count)[_bands];
        var closest = new HighestPairs(most);
        var genuine = new List<ScoredPair>();
        var next = -1;
        var merging = new Lock();
        Parallel.For(0, Math.Clamp(threads, 1, Math.Max(_bands, 1)), new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, _ =>
        {
            var worker = new Worker(most);
            for (int band; (band = Interlocked.Increment(ref next)) < _bands;)
            {
                cancellation.ThrowIfCancellationRequested();
                sums[band] = Band(band, worker);
                // 32-bit counters stay small in the cache; they are emptied long before they can overflow.
                if ((worker.SinceFlush += (long)DotBlocks.Rows * person.Length) > 1 << 30) Flush(worker, merging);
            }
            Flush(worker, merging);
            lock (merging)
            {
                closest.AddAll(worker.Closest);
                genuine.AddRange(worker.Genuine);
            }
        });
        Closest = closest.ToSorted();
        genuine.Sort(ScoredPair.LowestFirst);
        Genuine = [.. genuine];
        double sum = 0, squares = 0;
        long count = 0;
        foreach (var (s, q, c) in sums) (sum, squares, count) = (sum + s, squares + q, count + c);
        Mean = count == 0 ? double.NaN : sum / count;
        Deviation = count == 0 ? double.NaN : Math.Sqrt(Math.Max(0, squares / count - Mean * Mean));
    }

    (double Sum, double Squares, long Count) Band(int band, Worker worker)
    {
        var rows = Block(band);
        double sum = 0, squares = 0;
        long count = 0;
        for (var other = band; other < _bands; other++)
        {
            var columns = Block(other);
            int first = band * DotBlocks.Rows, firstColumn = other * DotBlocks.Rows, width = columns.Length / dimension;
            DotBlocks.Compute(rows.Span, columns.Span, dimension, worker.Scores);
            for (var r = 0; r < rows.Length / dimension; r++)
            {
                int a = first + r, of = person[a];
                for (var c = other == band ? r + 1 : 0; c < width; c++)
                {
                    var score = worker.Scores[r * width + c];
                    var b = firstColumn + c;
                    if (person[b] == of)
                    {
                        worker.Genuine.Add(new(a, b, score));
                        continue;
                    }
                    worker.Histogram[ScoreHistogram.Bin(score)]++;
                    if (score >= worker.Closest.Cut) worker.Closest.Add(new(a, b, score));
                    sum += score;
                    squares += (double)score * score;
                    count++;
                }
            }
        }
        return (sum, squares, count);
    }

    ReadOnlyMemory<float> Block(int band)
    {
        var first = band * DotBlocks.Rows;
        return embeddings.Slice(first * dimension, Math.Min(DotBlocks.Rows, person.Length - first) * dimension);
    }

    void Flush(Worker worker, Lock merging)
    {
        lock (merging)
            for (var i = 0; i < Histogram.Length; i++) Histogram[i] += worker.Histogram[i];
        Array.Clear(worker.Histogram);
        worker.SinceFlush = 0;
    }
}
