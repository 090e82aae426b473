using EdgeFace.Gallery;

namespace EdgeFace.People;

/// <summary>Somebody has no external key, by which the workers of a queue could find the person.</summary>
public sealed class NoExternalKeyException : EdgeFaceException
{
    internal NoExternalKeyException(Person person)
        : base($"'{person.Name}' ({person.Id}) has no external key, by which workers could find the person: give one", ErrorKind.Request)
        => Person = person;

    /// <summary>Who.</summary>
    public Person Person { get; }
}
