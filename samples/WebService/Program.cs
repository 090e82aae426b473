using EdgeFace;
using EdgeFace.Gallery;
using EdgeFace.People;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddEdgeFace(builder.Configuration.GetSection("EdgeFace"));
var app = builder.Build();

// What is wrong with a photo or a name is told to the caller; all else is a fault of the service, and goes into its log.
var photos = app.MapGroup("").AddEndpointFilter(async (call, next) =>
{
    try
    {
        return await next(call);
    }
    catch (EdgeFaceException e) when (e.Kind is not (ErrorKind.Machine or ErrorKind.Program))
    {
        return Results.Problem(e.Message, statusCode: StatusCodes.Status422UnprocessableEntity);
    }
});

photos.MapPost("/people/{name}", async (string name, Stream photo, PeopleGallery people, CancellationToken stop) =>
{
    var enrolled = await people.EnrolAsync(new NewPerson(name), Photo.FromStream(photo, "the photo"), cancellationToken: stop);
    return Results.Ok(new { enrolled.Person.Id, enrolled.Person.Name, Sample = enrolled.Sample.Id });
});

photos.MapPost("/identify", async (Stream photo, PeopleGallery people, CancellationToken stop) =>
{
    var seen = await people.IdentifyAsync(Photo.FromStream(photo, "the photo"), cancellationToken: stop);
    return Results.Ok(seen.Faces.Select(f => new { f.Face!.Box, Decision = f.Decision.ToString(), f.Person?.Name, f.Best?.Score }));
});

app.Run();
