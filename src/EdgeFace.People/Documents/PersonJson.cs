using System.Text.Json;
using EdgeFace.Gallery;

namespace EdgeFace.People.Documents;

sealed record PersonJson(long Id, string Name, string? ExternalKey, JsonElement? Metadata, DateTimeOffset Created, int Samples)
{
    public static PersonJson Of(Person p) => new(p.Id, p.Name, p.ExternalKey, p.Metadata is null ? null : Parse(p.Metadata), p.Created, p.Samples);

    /// <summary>The object; or the text of it, of metadata that an older version accepted and that no JSON can hold.</summary>
    static JsonElement Parse(string metadata)
    {
        try
        {
            using var document = JsonDocument.Parse(metadata, new() { MaxDepth = PeopleJson.MostDepth / 2 });
            // Half of a surrogate pair, escaped, is found out only when it is written.
            using var writer = new Utf8JsonWriter(Stream.Null);
            document.RootElement.WriteTo(writer);
            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return JsonSerializer.SerializeToElement(metadata, PeopleJson.Default.String);
        }
    }
}
