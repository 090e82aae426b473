using EdgeFace.Gallery;

namespace EdgeFace.People.Documents;

/// <summary>A person as results name them.</summary>
sealed record PersonNameJson(long Id, string Name, string? ExternalKey)
{
    public static PersonNameJson Of(Person p) => new(p.Id, p.Name, p.ExternalKey);
}
