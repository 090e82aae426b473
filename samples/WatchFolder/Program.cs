using System.Threading.Channels;
using EdgeFace;
using EdgeFace.Gallery;
using EdgeFace.People;

if (args is not [var database, var folder])
{
    Console.Error.WriteLine("WatchFolder GALLERY FOLDER");
    return 2;
}
await using var people = await PeopleGallery.OpenAsync(database);

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
    // The name of the file up to a hyphen is the name of the person: Adam.jpg, Adam-2.jpg.
    var name = Path.GetFileNameWithoutExtension(photo).Split('-')[0];
    try
    {
        await people.EnrolAsync(new NewPerson(name), Photo.FromFile(photo));
        Console.WriteLine($"enrolled {name} from {Path.GetFileName(photo)}");
    }
    catch (DuplicateSampleException)
    {
        // Known from an earlier time.
    }
    catch (EdgeFaceException e)
    {
        Console.Error.WriteLine(e.Message);
    }
}
return 0;
