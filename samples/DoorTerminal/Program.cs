using EdgeFace;
using EdgeFace.Gallery;
using EdgeFace.People;

if (args is not [var database, .. var photos])
{
    Console.Error.WriteLine("DoorTerminal GALLERY [PHOTO...]    without photos, their names come from the standard input, one a line");
    return 2;
}
using var faces = FacePipeline.Open();
using var gallery = await new GalleryAddress(database).OpenAsync(faces.Contract, GalleryAccess.ReadOnly);
using var people = new PeopleGallery(gallery, faces, Decision.For(faces, new() { Fmr = 1e-5 }));

foreach (var photo in photos.Length > 0 ? photos : Lines()) Console.WriteLine(await DecideAsync(photo));
return 0;

// Whoever stands nearest asks to come in. A face that could be of two people, or of nobody for certain, opens nothing.
async Task<string> DecideAsync(string photo)
{
    try
    {
        var seen = await people.IdentifyAsync(Photo.FromFile(photo));
        return seen.Faces.MaxBy(f => f.Face!.Box.Width) switch
        {
            null => "shut: nobody is there",
            { Person: { } person, Identification.Rival: null } => $"open: {person.Name}",
            { Note: { } note } => $"shut: {note}",
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
