using EdgeFace.Gallery;
using EdgeFace.People;

await using var people = await PeopleGallery.OpenAsync(args[0]);

if (args is [_, var portrait, var name])
{
    await people.EnrolAsync(new NewPerson(name), Photo.FromFile(portrait));
}
else
{
    var photo = await people.IdentifyAsync(Photo.FromFile(args[1]));
    foreach (var face in photo.Faces)
        Console.WriteLine(face.Person?.Name ?? (face.Decision == IdentityDecision.Unknown ? "unknown" : "cannot be recognised"));
}
