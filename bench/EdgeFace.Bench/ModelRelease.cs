using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeFace.App;
using EdgeFace.Evaluation;
using EdgeFace.Kernels;
using EdgeFace.Models;
using EdgeFace.Vision;

namespace EdgeFace.Bench;

/// <summary>
/// Makes models/*.efw of weights that were handed over: converts them, measures thresholds and accuracy on LFW's crops by the tool's own
/// commands, writes what was measured into the cards, and writes anew what depends on the weights: the self-test's vector and the faces that
/// tests expect in the samples. models/release.sh calls it, then the documents' tables.
/// </summary>
static class ModelRelease
{
    const string Recogniser = "edgeface-xs-distilled", Detector = "edgeface-detector", Refiner = "edgeface-refiner";
    const string Eval = "`edgeface eval pairs LFW --pairs LFW/pairs.csv --aligned`", Calibrate = "`edgeface calibrate LFW --aligned -o FILE`";

    public static int Run(string weights, string lfw)
    {
        Convert(weights, "detector", Detector);
        Convert(weights, "refiner", Refiner);
        Convert(weights, "recogniser", Recogniser);
        WriteCard(Recogniser, Measured(Card(Recogniser), lfw));
        Convert(weights, "recogniser", Recogniser);
        Gate(write: true);
        WriteSelfTest();
        WriteExpectedFaces();
        return 0;
    }

    /// <summary>Fits the recogniser's gate, and writes it into the card beside the model and the one inside.</summary>
    public static int Gate(bool write)
    {
        var path = PathOf(Recogniser, ".efw");
        using var model = ModelFile.Open(path);
        var gate = DefaultGate.Of(model);
        if (!write) return 0;
        var card = Card(Recogniser) with { Gate = gate };
        WriteCard(Recogniser, card);
        model.WithCard(card).SaveAsStored(path);
        return 0;
    }

    static string PathOf(string model, string ending) => Path.Combine(BenchData.Repository, "models", model + ending);

    static ModelCard Card(string model) => ModelCard.FromJson(File.ReadAllBytes(PathOf(model, ".card.json")), model);

    static void WriteCard(string model, ModelCard card) => File.WriteAllText(PathOf(model, ".card.json"), card.ToJson() + "\n");

    static void Convert(string folder, string kind, string model)
    {
        var file = Path.Combine(folder, kind + ".safetensors");
        if (!File.Exists(file)) throw new FileNotFoundException($"{file}: no such weights");
        var card = Card(model) with { SourceSha256 = System.Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))) };
        WriteCard(model, card);
        using var source = ModelFile.Open(file);
        source.WithCard(card).Save(PathOf(model, ".efw"), WeightPrecision.Float32);
        Console.WriteLine($"{model} {card.Version}: {card.SourceSha256}");
    }

    /// <summary>The card with thresholds and the rows that commands of this repository measure; rows measured elsewhere stay.</summary>
    static ModelCard Measured(ModelCard card, string lfw)
    {
        string model = PathOf(Recogniser, ".efw"), file = Path.GetTempFileName();
        Tool("calibrate", lfw, "--aligned", "--model", model, "-o", file, "--json");
        var calibration = Calibration.Load(file);
        File.Delete(file);
        var set = FormattableString.Invariant($"LFW folds 1-5, {calibration.Data.GenuinePairs:n0} genuine and ")
            + FormattableString.Invariant($"{calibration.Data.ImpostorPairs:n0} impostor pairs, aligned crops");
        List<ModelMeasurement> rows =
        [
            new("LFW folds 1-5, 3,000 pairs, aligned crops", $"{Eval}: 5 folds, one crop", Accuracy(Pairs(model, lfw))),
            new("LFW folds 1-5, 3,000 pairs, aligned crops", "the same with `--mirror-sum`", Accuracy(Pairs(model, lfw, "--mirror-sum"))),
            new(set, $"{Calibrate}: all pairs, one crop", CardFigures.Misses(calibration, 0, 1e-3, 1e-4)!),
            new(set, "the same, mirror sum", CardFigures.Misses(calibration, 1, 1e-3, 1e-4)!),
        ];
        return CardFigures.WithThresholds(card, calibration, Calibrate, "LFW folds 1-5: press photographs of mostly adult, well-known people") with
        {
            Measurements = [.. rows, .. card.Measurements.SkipWhile(m => !m.Protocol.StartsWith("measured when", StringComparison.Ordinal))],
        };
    }

    static JsonElement Pairs(string model, string lfw, params string[] more)
        => Tool(["eval", "pairs", lfw, "--pairs", Path.Combine(lfw, "pairs.csv"), "--aligned", "--model", model, "--json", .. more])
            .GetProperty("models")[0];

    static string Accuracy(JsonElement m)
    {
        double Number(string name) => m.GetProperty(name).GetDouble();
        var eer = m.GetProperty("eer");
        return CardFigures.Accuracy(Number("accuracy"), Number("accuracyStandardDeviation"), new(Number("accuracyLow"), Number("accuracyHigh")),
            new(eer.GetProperty("value").GetDouble(), new Interval(eer.GetProperty("low").GetDouble(), eer.GetProperty("high").GetDouble())));
    }

    static JsonElement Tool(params string[] arguments)
    {
        Console.WriteLine("edgeface " + string.Join(' ', arguments.Select(a => Path.IsPathRooted(a) ? Path.GetFileName(a) : a)));
        using var output = new MemoryStream();
        using (var terminal = new Terminal(output, Console.Error))
            if (EdgeFace.App.Tool.Run(arguments, terminal) != 0) throw new InvalidOperationException("the command above failed");
        return JsonDocument.Parse(output.ToArray()).RootElement;
    }

    static void WriteSelfTest()
    {
        using var model = ModelFile.Open(PathOf(Recogniser, ".efw"));
        using var scalar = new FaceEmbedder(model, default, KernelSet.ByName("scalar"));
        var vector = new float[EdgeFaceConfig.EmbeddingSize];
        scalar.Embed(SelfTest.Pattern(), vector);
        File.WriteAllBytes(Path.Combine(BenchData.Repository, "src", "EdgeFace.People", "Resources", SelfTest.Resource),
            MemoryMarshal.AsBytes(vector.AsSpan()).ToArray());
    }

    /// <summary>
    /// What the scalar kernels find in the samples: a line a face with file, score, box, five landmarks, and the score of a portrait with the
    /// person's other one.
    /// </summary>
    static void WriteExpectedFaces()
    {
        using ModelFile first = ModelFile.Open(PathOf(Detector, ".efw")), second = ModelFile.Open(PathOf(Refiner, ".efw")),
            third = ModelFile.Open(PathOf(Recogniser, ".efw"));
        using var detector = new FaceDetector(first, second, default, KernelSet.ByName("scalar"));
        using var embedder = new FaceEmbedder(third, default, KernelSet.ByName("scalar"));
        var analyzer = new FaceAnalyzer(detector, embedder);
        var photos = Directory.GetFiles(Path.Combine(BenchData.Repository, "samples"), "*.jpg").Order(StringComparer.Ordinal)
            .Select(p => (Name: Path.GetFileName(p), Faces: analyzer.Analyze(ImageCodec.Load(p)))).ToArray();
        var lines = new List<string> { "file,score,left,top,right,bottom,x1,y1,x2,y2,x3,y3,x4,y4,x5,y5,other" };
        foreach (var (name, faces) in photos)
            foreach (var found in faces)
            {
                var (box, l) = (found.Face.Box, found.Face.Landmarks);
                var person = name.Split('-')[0];
                var other = faces.Count == 1
                    ? photos.Single(p => p.Name != name && p.Name.StartsWith(person + "-", StringComparison.Ordinal))
                        .Faces[0].Embedding.Score(found.Embedding)
                    : (float?)null;
                float[] values =
                [
                    box.Left, box.Top, box.Right, box.Bottom,
                    l.LeftEye.X, l.LeftEye.Y, l.RightEye.X, l.RightEye.Y, l.Nose.X, l.Nose.Y,
                    l.LeftMouth.X, l.LeftMouth.Y, l.RightMouth.X, l.RightMouth.Y,
                ];
                var numbers = string.Join(',', values.Select(v => v.ToString("f2", CultureInfo.InvariantCulture)));
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"{name},{found.Face.Score:f4},{numbers},{other:f4}"));
            }
        File.WriteAllText(Path.Combine(BenchData.Repository, "tests", "EdgeFace.Tests", "Fixtures", "default-models.csv"),
            string.Join('\n', lines) + "\n");
    }
}
