using System.Globalization;
using System.Runtime.InteropServices;
using EdgeFace.Evaluation.Data;
using EdgeFace.Vision;

namespace EdgeFace.Bench;

/// <summary>
/// Fits a recogniser's gate: crops and photos of many people, changed, and drawings. What counts as recognisable is measured: whether changed faces match their own, and how many more of other
/// people's reach the threshold, or come near it, than without the change. Then the centres of the embeddings of what is not; a logistic regression; and the limit at which few of the unchanged are refused.
/// Reports what was measured, and what the gate does to LFW's crops.
/// </summary>
static class GateFit
{
    const int Seed = 20261201, People = 500, Photos = 250, Held = 200, Pictures = 200, Rounds = 12;

    // Of unchanged crops and photos.
    const double RefusedCrops = 0.008, RefusedPhotos = 0.012;

    const double Fmr = 1e-4, Ridge = 1e-4;

    // Where a set has few false matches as it is, what comes so near to the threshold is counted instead.
    const long Few = 100;
    const float Near = 0.1f;

    // By how much more of it a change leaves faces recognisable, or does not; between, it is no example of either.
    const double Fine = 3.5, Risky = 6;

    // Of a turned photo whose face was found as if it were upright.
    const float Another = 0.2f;

    const double MostWeight = 5, TurnedWeight = 3;

    const string Command = "dotnet run -c Release --project bench/EdgeFace.Bench -- gate --write";

    /// <summary>One crop, changed, and its score with itself as it was.</summary>
    sealed record Shown(float[] Vector, CropFacts Facts, float Own);

    /// <summary>What one change made of a set, and how near others come to it compared with the set as it was.</summary>
    sealed record Group(string Set, string Name, string? Kind, bool IsTurned, Shown[] Shown)
    {
        public double Ratio { get; set; }
    }

    /// <summary>The gate for a model; prints what it was fitted on and how it does.</summary>
    public static ModelGate Of(ModelFile fitted)
    {
        // The gate that is there has no part in it.
        var model = fitted.WithCard(fitted.Card with { Gate = null });
        using var embedder = new FaceEmbedder(model);
        var threshold = (float)embedder.Card.ThresholdFor(Fmr)!.OneCrop;
        using ModelFile first = DefaultModels.OpenDetector(), second = DefaultModels.OpenRefiner();
        using var detector = new FaceDetector(first, second);
        var analyzer = new FaceAnalyzer(detector, embedder);
        Group[] crops = OfCrops(embedder, TrainCrops(), Seed), photos = OfPhotos(analyzer);
        Compare(crops, threshold);
        Compare(photos, threshold);
        var drawn = new Group("drawings", "drawings", "drawn", false, Drawn(analyzer)) { Ratio = double.PositiveInfinity };
        Group[] all = [.. crops, .. photos, drawn], risky = [.. crops.Append(drawn).Where(g => g.Kind is not null && g.Ratio >= Risky)];
        var centres = risky.Select(g => Centre(g.Shown)).ToArray();
        var vectors = centres.Select(c => c.Select(h => (float)h).ToArray()).ToArray();
        List<Row> rows = [.. all.SelectMany(g => g.Shown.Select(s => (s, of: Label(g, s, threshold))).Where(x => x.of.Weight > 0).Select(x => new Row(Values(x.s, vectors), x.of.Fine, x.of.Weight)))];
        var (bias, weights) = Logistic(rows);
        var facts = ModelGate.FactNames.Count;
        double Refusing(Group untouched, double share) => untouched.Shown.Select(s => Score(bias, weights, Values(s, vectors))).Order().ElementAt((int)(share * untouched.Shown.Length));
        var limit = Rounded(Math.Min(Refusing(crops[0], RefusedCrops), Refusing(photos[0], RefusedPhotos)));
        Report(all, embedder, threshold, s => Score(bias, weights, Values(s, vectors)) >= limit);
        return new(limit, bias, ModelGate.FactNames.Zip(weights).ToDictionary(p => p.First, p => p.Second), weights[facts], [.. risky.Select(g => g.Kind!)], weights[(facts + 1)..],
            System.Convert.ToBase64String(MemoryMarshal.AsBytes(centres.SelectMany(c => c).ToArray().AsSpan())),
            FormattableString.Invariant($"`{Command}`: logistic regression over {People} aligned crops of as many people, {crops.Length} times changed, {photos[0].Shown.Length} photos of one face each, ")
            + FormattableString.Invariant($"{photos.Length} times changed, and {drawn.Shown.Length} faces found in drawings; a change counts as leaving faces recognisable where at most {Fine} times as many pairs of different ")
            + FormattableString.Invariant($"people reach the threshold or come near it; the limit refuses at most {100 * RefusedCrops:f1} % of the crops and {100 * RefusedPhotos:f1} % of the photos as they are"));
    }

    static RgbImage[] TrainCrops()
    {
        // Neighbours in it are relatives.
        const int apart = 6;
        using var set = RecordFile.Open(BenchData.Shared("train/train.rec")).ToDataSet();
        return [.. set.Images.GroupBy(i => i.Person).Where((_, i) => i % apart == 0).Take(People).Select(g => ImageCodec.Decode(g.First().Read()))];
    }

    static Group[] OfCrops(FaceEmbedder embedder, RgbImage[] crops, int seed)
    {
        var conditions = GateCondition.All;
        var shown = crops.AsParallel().AsOrdered().Select((crop, i) =>
        {
            var untouched = embedder.Embed(crop.Pixels).Vector.ToArray();
            return conditions.Select(c => See(embedder, c.Change(crop, new Random(seed + i)).Pixels, untouched)).ToArray();
        }).ToArray();
        return [.. conditions.Select((c, k) => new Group("crops", c.Name, c.Kind, false, [.. shown.Select(s => s[k])]))];
    }

    static Shown See(FaceEmbedder embedder, ReadOnlySpan<byte> crop, ReadOnlySpan<float> untouched)
    {
        var vector = embedder.Embed(crop).Vector.ToArray();
        return new(vector, CropFacts.Of(crop), Embedding.Dot(vector, untouched));
    }

    /// <summary>Of changed photos what is found where the face is; of turned ones also what is found elsewhere, or as if it were upright.</summary>
    static Group[] OfPhotos(FaceAnalyzer analyzer)
    {
        var conditions = PhotoCondition.All;
        var shown = WebPhotos.Files().Where(WebPhotos.IsFittedOn).DistinctBy(WebPhotos.PersonOf).Take(Photos).AsParallel().AsOrdered().Select((file, i) =>
        {
            var photo = WebPhotos.Load(file);
            if (WebPhotos.FaceOf(analyzer, photo) is not { } upright) return null;
            return conditions.Select(c =>
            {
                if (c.Change(photo, upright.Face, new Random(Seed + i)) is not { } changed || WebPhotos.FaceOf(analyzer, changed, upright.Face) is not { } face) return null;
                return c.IsTurned || changed.Shows(upright.Face, face.Face)
                    ? new Shown(face.Embedding.Vector.ToArray(), CropFacts.Of(face.Crop.Span), face.Embedding.Score(upright.Embedding)) : null;
            }).ToArray();
        }).OfType<Shown?[]>().ToArray();
        return [.. conditions.Select((c, k) => new Group("photos", c.Name, null, c.IsTurned, [.. shown.Select(s => s[k]).OfType<Shown>()]))];
    }

    static void Compare(Group[] groups, float threshold)
    {
        var least = Alike(groups[0].Shown, threshold).Count >= Few ? threshold : threshold - Near;
        var untouched = Alike(groups[0].Shown, least).Share;
        foreach (var g in groups) g.Ratio = Alike(g.Shown, least).Share / untouched;
    }

    /// <summary>How many pairs reach a score; each shown is of another person.</summary>
    static (long Count, double Share) Alike(Shown[] shown, float least)
    {
        long count = 0, total = (long)shown.Length * (shown.Length - 1) / 2;
        for (var i = 0; i < shown.Length; i++)
            for (var j = 0; j < i; j++)
                if (Embedding.Dot(shown[i].Vector, shown[j].Vector) >= least) count++;
        return (count, (double)count / Math.Max(1, total));
    }

    /// <summary>Whether a face can be recognised, and how much that counts; 0 where it is not said.</summary>
    static (bool Fine, double Weight) Label(Group group, Shown shown, float threshold)
    {
        if (group.IsTurned) return shown.Own >= threshold ? (true, 1) : (false, shown.Own < Another ? TurnedWeight : 0);
        if (group.Ratio >= Risky) return (false, Math.Min(MostWeight, Math.Log(group.Ratio)));
        return (true, group.Ratio <= Fine && shown.Own >= threshold ? 1 : 0);
    }

    /// <summary>The faces that are found in drawings.</summary>
    static Shown[] Drawn(FaceAnalyzer analyzer) =>
        [.. Drawings.Make(Pictures, Seed).AsParallel().AsOrdered().SelectMany(analyzer.Analyze).Select(f => new Shown(f.Embedding.Vector.ToArray(), CropFacts.Of(f.Crop.Span), 0))];

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

    sealed record Row(double[] Values, bool Fine, double Weight);

    /// <summary>By Newton's method on standardised values, a little regularised; the result takes values as they are.</summary>
    static (double Bias, double[] Weights) Logistic(List<Row> rows)
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
        double fine = rows.Where(r => r.Fine).Sum(r => r.Weight), risky = rows.Where(r => !r.Fine).Sum(r => r.Weight);
        for (var round = 0; round < Rounds; round++)
        {
            var system = new double[count + 1, count + 2];
            for (var j = 0; j <= count; j++) (system[j, j], system[j, count + 1]) = (Ridge, -Ridge * weights[j]);
            for (var n = 0; n < standard.Length; n++)
            {
                var row = standard[n];
                var sum = 0.0;
                for (var j = 0; j <= count; j++) sum += weights[j] * row[j];
                double share = 1 / (1 + Math.Exp(-sum)), weight = rows[n].Weight / (rows[n].Fine ? fine : risky);
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

    static void Report(Group[] fitted, FaceEmbedder embedder, float threshold, Func<Shown, bool> accepts)
    {
        var folder = Path.GetDirectoryName(BenchData.Shared("lfw/pairs.csv"))!;
        var crops = Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Take(Held)
            .Select(person => ImageCodec.Load(Directory.GetFiles(person).Order(StringComparer.Ordinal).First())).ToArray();
        var held = OfCrops(embedder, crops, Seed + 1_000_000);
        for (var i = 0; i < held.Length; i++) held[i] = held[i] with { Set = "LFW", Ratio = fitted[i].Ratio };
        Console.WriteLine("set; how many times as many pairs as untouched reach the threshold, or come near it; change; accepted; accepted of those that match the face as it was; false matches among the accepted, among all");
        foreach (var g in fitted.Concat(held))
        {
            Shown[] accepted = [.. g.Shown.Where(accepts)], own = [.. g.Shown.Where(s => s.Own >= threshold)];
            var label = g.IsTurned ? "by face" : g.Ratio >= Risky ? "risky" : g.Ratio <= Fine ? "fine" : "unused";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{g.Set,-8} {label,-7} {g.Ratio,6:f1} {g.Name,-42} {100.0 * accepted.Length / g.Shown.Length,5:f1} %  ")
                + FormattableString.Invariant($"{own.Count(accepts),3} of {own.Length,3}  {False(accepted)}, {False(g.Shown)}"));
        }

        string False(Shown[] shown) => Alike(shown, threshold) is var (count, share) ? FormattableString.Invariant($"{count} ({share:0.0e-0})") : "";
    }
}
