using System.Security.Cryptography;
using System.Threading.Channels;
using EdgeFace;
using EdgeFace.Gallery;
using EdgeFace.Vision;

if (args is not [var database, var folder])
{
    Console.Error.WriteLine("WatchFolder GALLERY FOLDER");
    return 2;
}
using var detector = new FaceDetector(DefaultModels.OpenDetector(), DefaultModels.OpenRefiner());
using var recogniser = DefaultModels.OpenRecogniser();
using var embedder = new FaceEmbedder(recogniser);
var faces = new FaceAnalyzer(detector, embedder);
using var gallery = SqliteGallery.OpenOrCreate(database, faces.Contract, EmbeddingSpace.Of(recogniser), new());

// What arrives is watched for before what is there is listed, so that nothing falls between the two. A file may be told of twice.
var photos = Channel.CreateUnbounded<string>();
using var watcher = new FileSystemWatcher(folder);
watcher.Created += (_, e) => photos.Writer.TryWrite(e.FullPath);
watcher.Renamed += (_, e) => photos.Writer.TryWrite(e.FullPath);
watcher.Changed += (_, e) => photos.Writer.TryWrite(e.FullPath);
watcher.EnableRaisingEvents = true;
foreach (var photo in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)) photos.Writer.TryWrite(photo);
Console.CancelKeyPress += (_, e) => { e.Cancel = true; photos.Writer.TryComplete(); };

await foreach (var photo in photos.Reader.ReadAllAsync())
{
    try
    {
        Enrol(photo);
    }
    catch (EdgeFaceException e)
    {
        Console.Error.WriteLine(e.Message);
    }
}
return 0;

// The name of the file up to a hyphen is the name of the person: Adam.jpg, Adam-2.jpg.
void Enrol(string photo)
{
    var bytes = ImageCodec.ReadFile(photo);
    var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
    if (gallery.ContainsSource(sha256)) return;
    var face = faces.Single(ImageCodec.Decode(bytes, source: photo), source: photo);
    if (!face.Gate.IsRecognisable) throw new UnrecognisableFaceException(photo, face.Gate);
    var (name, sample) = (Path.GetFileNameWithoutExtension(photo).Split('-')[0], new NewSample(face.Embedding) { SourceSha256 = sha256 });
    if (gallery.PersonsNamed(name) is [var person, ..]) gallery.Enrol(person.Id, sample);
    else gallery.Enrol(new NewPerson(name), [sample]);
    Console.WriteLine($"enrolled {name} from {Path.GetFileName(photo)}");
}
