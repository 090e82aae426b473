using EdgeFace;
using EdgeFace.Vision;

using var detector = new FaceDetector(DefaultModels.OpenDetector(), DefaultModels.OpenRefiner());
using var embedder = new FaceEmbedder(DefaultModels.OpenRecogniser());
var faces = new FaceAnalyzer(detector, embedder);

var a = faces.Single(ImageCodec.Load(args[0])).Embedding;
var b = faces.Single(ImageCodec.Load(args[1])).Embedding;
var threshold = embedder.Card.ThresholdFor(fmr: 1e-4)!.OneCrop;
Console.WriteLine($"{(a.Score(b) >= threshold ? "same person" : "different people")}: score {a.Score(b):f3}, threshold {threshold:f3} at FMR 1e-4");
