namespace EdgeFace.Evaluation;

/// <summary>
/// One pass over all pairs. Threads take bands of rows as they come free; what they gather is whole numbers, members of a totally
/// ordered set, and sums kept for each band, so the result is the same for any number of threads. Its memory depends on what is kept, not on the
/// number of pairs or threads.
/// </summary>
sealed class AllPairsScan(ReadOnlyMemory<float> embeddings, int dimension, int[] person, PairKeeper genuine, PairKeeper impostors)
{
    // So many pairs a thread gathers before it waits for the others to let it add them.
    const int Handful = 4096;

    readonly int _bands = (person.Length + DotBlocks.Rows - 1) / DotBlocks.Rows;
    readonly Lock _merging = new();

    public long[] GenuineHistogram { get; } = new long[ScoreHistogram.Bins];

    public long[] ImpostorHistogram { get; } = new long[ScoreHistogram.Bins];

    public double Mean { get; private set; }

    public double Deviation { get; private set; }

    sealed class Worker
    {
        public readonly int[] GenuineHistogram = new int[ScoreHistogram.Bins], ImpostorHistogram = new int[ScoreHistogram.Bins];
        public readonly List<ScoredPair> Genuine = new(Handful), Impostors = new(Handful);
        public readonly float[] Scores = new float[DotBlocks.Rows * DotBlocks.Rows];
        public long SinceFlush;
    }

    /// <summary>Scores all pairs. The genuine ones go to their keeper with the sign of the score turned, so that it keeps the lowest.</summary>
    public void Run(int threads, CancellationToken cancellation)
    {
        var sums = new (double Sum, double Squares, long Count)[_bands];
        var next = -1;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, Math.Clamp(threads, 1, Math.Max(_bands, 1)), parallel, _ =>
        {
            var worker = new Worker();
            for (int band; (band = Interlocked.Increment(ref next)) < _bands;)
            {
                cancellation.ThrowIfCancellationRequested();
                sums[band] = Band(band, worker);
                // 32-bit counters stay small in the cache; they are emptied long before they can overflow.
                if ((worker.SinceFlush += (long)DotBlocks.Rows * person.Length) > 1 << 30) Flush(worker);
            }
            Flush(worker);
        });
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
            float genuineCut = genuine.Cut, impostorCut = impostors.Cut;
            for (var r = 0; r < rows.Length / dimension; r++)
            {
                int a = first + r, of = person[a];
                for (var c = other == band ? r + 1 : 0; c < width; c++)
                {
                    var score = worker.Scores[r * width + c];
                    var b = firstColumn + c;
                    if (person[b] == of)
                    {
                        worker.GenuineHistogram[ScoreHistogram.Bin(score)]++;
                        if (-score >= genuineCut) Offer(genuine, worker.Genuine, new(a, b, -score));
                        continue;
                    }
                    worker.ImpostorHistogram[ScoreHistogram.Bin(score)]++;
                    if (score >= impostorCut) Offer(impostors, worker.Impostors, new(a, b, score));
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

    void Offer(PairKeeper keeper, List<ScoredPair> gathered, ScoredPair pair)
    {
        if (!keeper.Wants(pair)) return;
        gathered.Add(pair);
        if (gathered.Count < Handful) return;
        lock (_merging) Give(keeper, gathered);
    }

    static void Give(PairKeeper keeper, List<ScoredPair> gathered)
    {
        foreach (var pair in gathered) keeper.Add(pair);
        gathered.Clear();
    }

    void Flush(Worker worker)
    {
        lock (_merging)
        {
            Give(genuine, worker.Genuine);
            Give(impostors, worker.Impostors);
            Add(worker.GenuineHistogram, GenuineHistogram);
            Add(worker.ImpostorHistogram, ImpostorHistogram);
        }
        worker.SinceFlush = 0;

        static void Add(int[] from, long[] to)
        {
            for (var i = 0; i < to.Length; i++) to[i] += from[i];
            Array.Clear(from);
        }
    }
}
