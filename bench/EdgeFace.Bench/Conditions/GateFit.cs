using System.Globalization;
using System.Runtime.InteropServices;
using EdgeFace.Evaluation.Data;
using EdgeFace.Vision;

namespace EdgeFace.Bench;

/// <summary>
/// Fits a recogniser's gate: crops of many people, changed so that they can or cannot be recognised any more, and drawings; the centres of the latter's
/// embeddings; a logistic regression; and the limit at which few of the unchanged crops are refused. Reports what it does to LFW's crops.
/// </summary>
static class GateFit
{
    const int Seed = 20261201, People = 600, Held = 200, Pictures = 200, Rounds = 12;
    const double Refused = 0.008, Fmr = 1e-4, Ridge = 1e-4;

    const string Command = "dotnet run -c Release --project bench/EdgeFace.Bench -- gate --write";

    /// <summary>One crop, changed.</summary>
    sealed record Shown(float[] Vector, CropFacts Facts);

    /// <summary>The gate for a model; prints what it was fitted on and how it does.</summary>
    public static ModelGate Of(ModelFile model)
    {
        using var embedder = new FaceEmbedder(model);
        var conditions = GateCondition.All;
        var train = Show(embedder, TrainCrops(), conditions, Seed);
        var drawn = Drawn(embedder, Seed);
        (string Kind, Shown[] Shown)[] risky =
            [.. conditions.Zip(train).Where(c => c.First.Kind is not null).Select(c => (c.First.Kind!, c.Second)), ("drawn", drawn)];
        var centres = risky.Select(r => Centre(r.Shown)).ToArray();
        var vectors = centres.Select(c => c.Select(h => (float)h).ToArray()).ToArray();
        List<(double[] Values, bool Fine)> rows =
            [.. conditions.Zip(train).SelectMany(c => c.Second.Select(s => (Values(s, vectors), c.First.Kind is null))), .. drawn.Select(s => (Values(s, vectors), false))];
        var (bias, weights) = Logistic(rows);
        var facts = ModelGate.FactNames.Count;
        var clean = train[0].Select(s => Score(bias, weights, Values(s, vectors))).Order().ToArray();
        var limit = Rounded(clean[(int)(Refused * clean.Length)]);
        Report(embedder, conditions, s => Score(bias, weights, Values(s, vectors)) >= limit);
        return new(limit, bias, ModelGate.FactNames.Zip(weights).ToDictionary(p => p.First, p => p.Second), weights[facts], [.. risky.Select(r => r.Kind)], weights[(facts + 1)..],
            System.Convert.ToBase64String(MemoryMarshal.AsBytes(centres.SelectMany(c => c).ToArray().AsSpan())),
            FormattableString.Invariant($"`{Command}`: logistic regression over {People} aligned crops of as many people, {conditions.Length} times changed ")
            + FormattableString.Invariant($"({conditions.Count(c => c.Kind is null)} ways leave them recognisable), and {drawn.Length} drawings of faces; ")
            + FormattableString.Invariant($"the limit refuses {100 * Refused:f1} % of the crops as they are"));
    }

    static RgbImage[] TrainCrops()
    {
        using var set = RecordFile.Open(BenchData.Shared("train/train.rec")).ToDataSet();
        return [.. set.Images.GroupBy(i => i.Person).Take(People).Select(g => ImageCodec.Decode(g.First().Read()))];
    }

    static Shown[][] Show(FaceEmbedder embedder, RgbImage[] crops, GateCondition[] conditions, int seed)
        => [.. conditions.Select(c => crops.AsParallel().AsOrdered().Select((crop, i) => See(embedder, c.Change(crop, new Random(seed + i)).Pixels)).ToArray())];

    static Shown See(FaceEmbedder embedder, ReadOnlySpan<byte> crop) => new(embedder.Embed(crop).Vector.ToArray(), CropFacts.Of(crop));

    /// <summary>The faces that are found in drawings.</summary>
    static Shown[] Drawn(FaceEmbedder embedder, int seed)
    {
        using ModelFile first = DefaultModels.OpenDetector(), second = DefaultModels.OpenRefiner();
        using var detector = new FaceDetector(first, second);
        var analyzer = new FaceAnalyzer(detector, embedder);
        return [.. Drawings.Make(Pictures, seed).AsParallel().AsOrdered().SelectMany(analyzer.Analyze).Select(f => See(embedder, f.Crop.Span))];
    }

    static Half[] Centre(IEnumerable<Shown> shown)
    {
        var sum = new double[FaceEmbedder.Dimension];
        foreach (var s in shown)
            for (var i = 0; i < sum.Length; i++) sum[i] += s.Vector[i];
        var length = Math.Sqrt(sum.Sum(v => v * v));
        return [.. sum.Select(v => (Half)(v / length))];
    }

    static double[] Values(Shown shown, float[][] centres)
    {
        var values = new double[ModelGate.FactNames.Count + 1 + centres.Length];
        FaceGate.Measure(shown.Vector, shown.Facts, centres, values);
        return values;
    }

    static double Score(double bias, double[] weights, double[] values) => 1 / (1 + Math.Exp(-bias - weights.Zip(values, (w, v) => w * v).Sum()));

    /// <summary>By Newton's method on standardised values, a little regularised; the result takes values as they are.</summary>
    static (double Bias, double[] Weights) Logistic(List<(double[] Values, bool Fine)> rows)
    {
        var count = rows[0].Values.Length;
        double[] mean = new double[count], scale = new double[count], weights = new double[count + 1];
        for (var j = 0; j < count; j++)
        {
            mean[j] = rows.Average(r => r.Values[j]);
            scale[j] = Math.Sqrt(rows.Average(r => (r.Values[j] - mean[j]) * (r.Values[j] - mean[j]))) + 1e-9;
        }
        var standard = rows.Select(r => r.Values.Select((v, j) => (v - mean[j]) / scale[j]).Append(1).ToArray()).ToArray();
        // Both sides weigh the same.
        double fine = rows.Count(r => r.Fine), risky = rows.Count - fine;
        for (var round = 0; round < Rounds; round++)
        {
            var system = new double[count + 1, count + 2];
            for (var j = 0; j <= count; j++) (system[j, j], system[j, count + 1]) = (Ridge, -Ridge * weights[j]);
            for (var n = 0; n < standard.Length; n++)
            {
                var row = standard[n];
                var sum = 0.0;
                for (var j = 0; j <= count; j++) sum += weights[j] * row[j];
                double share = 1 / (1 + Math.Exp(-sum)), weight = rows[n].Fine ? 1 / fine : 1 / risky;
                double curve = weight * Math.Max(share * (1 - share), 1e-6), error = weight * ((rows[n].Fine ? 1 : 0) - share);
                for (var i = 0; i <= count; i++)
                {
                    for (var j = 0; j <= count; j++) system[i, j] += curve * row[i] * row[j];
                    system[i, count + 1] += error * row[i];
                }
            }
            Solve(system);
            for (var j = 0; j <= count; j++) weights[j] += system[j, count + 1];
        }
        var folded = weights.Take(count).Select((w, j) => Rounded(w / scale[j])).ToArray();
        return (Rounded(weights[count] - folded.Zip(mean, (w, m) => w * m).Sum()), folded);
    }

    /// <summary>Solves linear equations, the right sides in the last column, where the solution is left.</summary>
    static void Solve(double[,] system)
    {
        var count = system.GetLength(0);
        for (var c = 0; c < count; c++)
        {
            var pivot = c;
            for (var i = c + 1; i < count; i++)
                if (Math.Abs(system[i, c]) > Math.Abs(system[pivot, c])) pivot = i;
            for (var j = 0; j <= count; j++) (system[c, j], system[pivot, j]) = (system[pivot, j], system[c, j]);
            for (var j = count; j >= c; j--) system[c, j] /= system[c, c];
            for (var i = 0; i < count; i++)
            {
                var factor = system[i, c];
                if (i == c || factor == 0) continue;
                for (var j = c; j <= count; j++) system[i, j] -= factor * system[c, j];
            }
        }
    }

    static double Rounded(double value) => double.Parse(value.ToString("g6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    static void Report(FaceEmbedder embedder, GateCondition[] conditions, Func<Shown, bool> accepts)
    {
        var folder = Path.GetDirectoryName(BenchData.Shared("lfw/pairs.csv"))!;
        var crops = Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Take(Held)
            .Select(person => ImageCodec.Load(Directory.GetFiles(person).Order(StringComparer.Ordinal).First())).ToArray();
        var threshold = (float)embedder.Card.ThresholdFor(Fmr)!.OneCrop;
        var shown = Show(embedder, crops, conditions, Seed + 1_000_000);
        Console.WriteLine($"{Held} crops of LFW: accepted; accepted of those that match the crop as it is; false matches among the accepted, among all");
        for (var c = 0; c < conditions.Length; c++)
        {
            var all = shown[c];
            bool[] accepted = [.. all.Select(accepts)], own = [.. all.Select((s, i) => Embedding.Dot(s.Vector, shown[0][i].Vector) >= threshold)];
            var kept = accepted.Zip(own).Count(p => p is (true, true));
            Console.WriteLine($"{(conditions[c].Kind is null ? "fine " : "risky")} {conditions[c].Name,-36} "
                + FormattableString.Invariant($"{100.0 * accepted.Count(a => a) / Held,5:f1} %  {kept,3} of {own.Count(o => o),3}  ")
                + $"{False([.. all.Where((_, i) => accepted[i])], threshold)}, {False(all, threshold)}");
        }
    }

    static string False(Shown[] shown, float threshold)
    {
        long count = 0, total = (long)shown.Length * (shown.Length - 1) / 2;
        for (var i = 0; i < shown.Length; i++)
            for (var j = 0; j < i; j++)
                if (Embedding.Dot(shown[i].Vector, shown[j].Vector) >= threshold) count++;
        return string.Create(CultureInfo.InvariantCulture, $"{count} of {total} ({(double)count / Math.Max(1, total):0.0e-0})");
    }
}
