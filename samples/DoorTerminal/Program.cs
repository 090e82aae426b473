using EdgeFace;
using EdgeFace.Gallery;
using EdgeFace.Vision;

if (args is not [var database, .. var photos])
{
    Console.Error.WriteLine("DoorTerminal GALLERY [PHOTO...]    without photos, their names come from the standard input, one a line");
    return 2;
}
using var detector = new FaceDetector(DefaultModels.OpenDetector(), DefaultModels.OpenRefiner());
using var embedder = new FaceEmbedder(DefaultModels.OpenRecogniser());
var faces = new FaceAnalyzer(detector, embedder);
using var gallery = SqliteGallery.Open(database, faces.Contract, new());
var atMost = new IdentifyOptions(embedder.Card.ThresholdFor(fmr: 1e-5)!.OneCrop, Fmr: 1e-5);

foreach (var photo in photos.Length > 0 ? photos : Lines()) Console.WriteLine(Decide(photo));
return 0;

// Whoever stands nearest asks to come in. A face that could be of two people, or of nobody for certain, opens nothing.
string Decide(string photo)
{
    try
    {
        var face = faces.Single(ImageCodec.Load(photo), FaceChoice.Largest, photo);
        if (!face.Gate.IsRecognisable) return $"shut: {string.Join(", ", face.Gate.Reasons)}";
        return gallery.Identify(face.Embedding, atMost) switch
        {
            { Person: { } person, Rival: null } => $"open: {person.Name}",
            { Rival: { } rival } => $"shut: it may be {rival.Person.Name} too",
            _ => "shut: unknown",
        };
    }
    catch (EdgeFaceException e)
    {
        return $"shut: {e.Message}";
    }
}

IEnumerable<string> Lines()
{
    while (Console.ReadLine() is { } line) yield return line;
}
