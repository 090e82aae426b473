using System.Globalization;
using EdgeFace.Evaluation.Data;
using EdgeFace.Vision;

namespace EdgeFace.Bench;

/// <summary>
/// Fits the default recogniser's gate on crops and photos of many people and on drawings, and reports what was measured and what the gate
/// does to LFW's crops.
/// </summary>
static class DefaultGate
{
    const int Seed = 20261201, People = 500, Photos = 250, Held = 200, Pictures = 200;

    // Of photos as they are.
    const double RefusedPhotos = 0.012;

    const double Fmr = 1e-4;

    const string Command = "dotnet run -c Release --project bench/EdgeFace.Bench -- gate --write";

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
        GateExamples[] crops = GateFit.OfCrops(embedder, "crops", TrainCrops(), Seed), photos = OfPhotos(analyzer);
        GateExamples.Compare(crops, threshold);
        GateExamples.Compare(photos, threshold);
        var drawn = new GateExamples("drawings", "drawings", "drawn", false, Drawn(analyzer)) { Ratio = double.PositiveInfinity };
        GateExamples[] all = [.. crops, .. photos, drawn];
        var gate = GateFit.Of(all, threshold, (crops[0], GateFit.RefusedCrops), (photos[0], RefusedPhotos));
        Report([.. all, .. LfwCrops(embedder, all)], threshold, gate.Accepts);
        return gate.ToModelGate(
            FormattableString.Invariant($"`{Command}`: logistic regression over {People} aligned crops of as many people, ")
            + FormattableString.Invariant($"{crops.Length} times changed, {photos[0].Faces.Length} photos of one face each, ")
            + FormattableString.Invariant($"{photos.Length} times changed, and {drawn.Faces.Length} faces found in drawings; ")
            + FormattableString.Invariant($"a change counts as leaving faces recognisable where at most {GateExamples.Fine} times as many pairs ")
            + "of different people reach the threshold or come near it; "
            + FormattableString.Invariant($"the limit refuses at most {100 * GateFit.RefusedCrops:f1} % of the crops ")
            + FormattableString.Invariant($"and {100 * RefusedPhotos:f1} % of the photos as they are"));
    }

    /// <summary>
    /// How well the facts of crops would do without a model's centres: fitted on the crops that facts can tell, and what that does to LFW's
    /// crops.
    /// </summary>
    public static int FactsAlone()
    {
        using var model = DefaultModels.OpenRecogniser();
        using var embedder = new FaceEmbedder(model);
        var threshold = (float)embedder.Card.ThresholdFor(Fmr)!.OneCrop;
        var crops = GateFit.OfCrops(embedder, "crops", TrainCrops(), Seed);
        GateExamples.Compare(crops, threshold);
        // Without a kind there is no centre.
        GateExamples[] told = [.. crops.Where(g => g.Kind is not ("covered" or "upside-down" or "turned-90" or "turned-270"))];
        var gate = GateFit.Of([.. told.Select(g => g with { Kind = null })], threshold, (crops[0], GateFit.RefusedCrops));
        Report([.. crops, .. LfwCrops(embedder, crops)], threshold, gate.Accepts);
        return 0;
    }

    static RgbImage[] TrainCrops()
    {
        // Neighbours in it are relatives.
        const int apart = 6;
        using var set = RecordFile.Open(BenchData.Shared("train/train.rec")).ToDataSet();
        return [.. set.Images.GroupBy(i => i.Person).Where((_, i) => i % apart == 0).Take(People).Select(g => ImageCodec.Decode(g.First().Read()))];
    }

    /// <summary>Of changed photos what is found where the face is; of turned ones also what is found elsewhere, or as if it were upright.</summary>
    static GateExamples[] OfPhotos(FaceAnalyzer analyzer)
    {
        var conditions = PhotoCondition.All;
        var files = WebPhotos.Files().Where(WebPhotos.IsFittedOn).DistinctBy(WebPhotos.PersonOf).Take(Photos);
        var shown = files.AsParallel().AsOrdered().Select((file, i) =>
        {
            var photo = WebPhotos.Load(file);
            if (WebPhotos.FaceOf(analyzer, photo) is not { } upright) return null;
            return conditions.Select(c =>
            {
                if (c.Change(photo, upright.Face, new Random(Seed + i)) is not { } changed
                    || WebPhotos.FaceOf(analyzer, changed, upright.Face) is not { } face)
                    return null;
                return c.IsTurned || changed.Shows(upright.Face, face.Face)
                    ? new GateExample(face.Embedding.Vector.ToArray(), CropFacts.Of(face.Crop.Span), face.Embedding.Score(upright.Embedding)) : null;
            }).ToArray();
        }).OfType<GateExample?[]>().ToArray();
        return [.. conditions.Select((c, k)
            => new GateExamples("photos", c.Name, null, c.IsTurned, [.. shown.Select(s => s[k]).OfType<GateExample>()]))];
    }

    /// <summary>The faces that are found in drawings.</summary>
    static GateExample[] Drawn(FaceAnalyzer analyzer) => [.. Drawings.Make(Pictures, Seed).AsParallel().AsOrdered()
        .SelectMany(drawing => analyzer.Analyze(drawing)).Select(f => new GateExample(f.Embedding.Vector.ToArray(), CropFacts.Of(f.Crop.Span), 0))];

    /// <summary>Crops of people of LFW changed in the same ways; the ratios are those of the crops that were fitted on.</summary>
    static GateExamples[] LfwCrops(FaceEmbedder embedder, GateExamples[] fitted)
    {
        var folder = Path.GetDirectoryName(BenchData.Shared("lfw/pairs.csv"))!;
        RgbImage[] crops = [.. Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Take(Held)
            .Select(person => ImageCodec.Load(Directory.GetFiles(person).Order(StringComparer.Ordinal).First()))];
        return [.. GateFit.OfCrops(embedder, "LFW", crops, Seed + 1_000_000).Zip(fitted, (held, of) => held with { Ratio = of.Ratio })];
    }

    static void Report(GateExamples[] all, float threshold, Func<GateExample, bool> accepts)
    {
        Console.WriteLine("set; how many times as many pairs as untouched reach the threshold, or come near it; change; accepted; "
            + "accepted of those that match the face as it was; false matches among the accepted, among all");
        foreach (var g in all)
        {
            GateExample[] accepted = [.. g.Faces.Where(accepts)], own = [.. g.Faces.Where(s => s.Own >= threshold)];
            var label = g.IsTurned ? "by face" : g.IsRisky ? "risky" : g.IsFine ? "fine" : "unused";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{g.Set,-8} {label,-7} {g.Ratio,6:f1} {g.Name,-42} ")
                + string.Create(CultureInfo.InvariantCulture, $"{100.0 * accepted.Length / g.Faces.Length,5:f1} %  ")
                + FormattableString.Invariant($"{own.Count(accepts),3} of {own.Length,3}  {False(accepted)}, {False(g.Faces)}"));
        }

        string False(GateExample[] faces) => GateExamples.Alike(faces, threshold) is var (count, share)
            ? FormattableString.Invariant($"{count} ({share:0.0e-0})") : "";
    }
}
