using EdgeFace;
using EdgeFace.Gallery;
using EdgeFace.Vision;

using var detector = new FaceDetector(DefaultModels.OpenDetector(), DefaultModels.OpenRefiner());
using var recogniser = DefaultModels.OpenRecogniser();
using var embedder = new FaceEmbedder(recogniser);
var faces = new FaceAnalyzer(detector, embedder);
using var gallery = SqliteGallery.OpenOrCreate(args[0], faces.Contract, EmbeddingSpace.Of(recogniser), new());

if (args is [_, var photo, var name])
    gallery.Enrol(new NewPerson(name), [new NewSample(faces.Single(ImageCodec.Load(photo)).Embedding)]);
else
    // Faces that cannot be recognised would be taken for each other.
    foreach (var who in gallery.Identify([.. faces.Analyze(ImageCodec.Load(args[1])).Where(f => f.Gate.IsRecognisable).Select(f => f.Embedding)], new(embedder.Card.ThresholdFor(1e-4)!.OneCrop, 1e-4)))
        Console.WriteLine(who.Person?.Name ?? "unknown");
