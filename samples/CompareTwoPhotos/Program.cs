using EdgeFace;
using EdgeFace.Vision;

using var detector = new FaceDetector(DefaultModels.OpenDetector(), DefaultModels.OpenRefiner());
using var embedder = new FaceEmbedder(DefaultModels.OpenRecogniser());
var faces = new FaceAnalyzer(detector, embedder);

AnalyzedFace a = faces.Single(ImageCodec.Load(args[0])), b = faces.Single(ImageCodec.Load(args[1]));
var (score, threshold) = (a.Embedding.Score(b.Embedding), embedder.Card.ThresholdFor(fmr: 1e-4)!.OneCrop);
var answer = !a.Gate.IsRecognisable || !b.Gate.IsRecognisable ? "cannot tell" : score >= threshold ? "same person" : "different people";
Console.WriteLine($"{answer}: score {score:f3}, threshold {threshold:f3} at FMR 1e-4");
