using EdgeFace;
using EdgeFace.Gallery;
using EdgeFace.Vision;

using var detector = new FaceDetector(DefaultModels.OpenDetector(), DefaultModels.OpenRefiner());
using var recogniser = DefaultModels.OpenRecogniser();
using var embedder = new FaceEmbedder(recogniser);
var faces = new FaceAnalyzer(detector, embedder);
using var gallery = SqliteGallery.OpenOrCreate(args[0], faces.Contract, EmbeddingSpace.Of(recogniser), new());

// Faces that cannot be recognised would be taken for each other: they are neither enrolled nor looked for.
if (args is [_, var photo, var name])
{
    var face = faces.Single(ImageCodec.Load(photo), source: photo);
    if (!face.Gate.IsRecognisable) throw new UnrecognisableFaceException(photo, face.Gate);
    gallery.Enrol(new NewPerson(name), [new NewSample(face.Embedding)]);
}
else
{
    var found = faces.Analyze(ImageCodec.Load(args[1])).Where(f => f.Gate.IsRecognisable).Select(f => f.Embedding);
    foreach (var who in gallery.Identify([.. found], new(embedder.Card.ThresholdFor(1e-4)!.OneCrop, 1e-4)))
        Console.WriteLine(who.Person?.Name ?? "unknown");
}
