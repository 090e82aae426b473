using EdgeFace.Gallery;

namespace EdgeFace.People;

/// <summary>People of a gallery as those who ask for them name them; nobody is an error.</summary>
static class GalleryPeople
{
    /// <summary>Whether the samples of a gallery were made with the mirror image: its probes have to be too.</summary>
    public static bool HasMirrorSum(this IGallery gallery) => gallery.Contract.ParsePreprocessing().MirrorSum;

    public static Person Required(this IGallery gallery, long id)
        => gallery.FindPerson(id) ?? throw new InputException($"there is no person {id}");

    public static Person RequiredByKey(this IGallery gallery, string key)
        => gallery.FindPerson(key) ?? throw new InputException($"there is no person with the external key '{key}'");

    /// <exception cref="SeveralPeopleException">More than one has the name.</exception>
    public static Person RequiredByName(this IGallery gallery, string name) => gallery.PersonsNamed(name) switch
    {
        [] => throw new InputException($"there is no person named '{name}'"),
        [var one] => one,
        var several => throw new SeveralPeopleException(name, several),
    };

    /// <summary>Who is meant by somebody who may be new: found by the external key, or without one by the name; null where nobody is there.</summary>
    /// <exception cref="SeveralPeopleException">More than one has the name.</exception>
    public static Person? Known(this IGallery gallery, NewPerson person)
        => person.ExternalKey is { } key ? gallery.FindPerson(key) : gallery.PersonsNamed(person.Name) switch
        {
            [] => null,
            [var one] => one,
            var several => throw new SeveralPeopleException(person.Name, several),
        };
}
