using EdgeFace.Gallery;

namespace EdgeFace.People;

/// <summary>A name that several people of a gallery have does not say who is meant.</summary>
public sealed class SeveralPeopleException : EdgeFaceException
{
    const int MostTold = 10;

    internal SeveralPeopleException(string name, IReadOnlyList<Person> people)
        : base($"{people.Count} people are named '{name}': say which by number "
            + $"({string.Join(", ", people.Take(MostTold).Select(p => p.Id))}) or external key", ErrorKind.Request)
        => (Name, People) = (name, people);

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Those who have it, in the order of their numbers.</summary>
    public IReadOnlyList<Person> People { get; }
}
