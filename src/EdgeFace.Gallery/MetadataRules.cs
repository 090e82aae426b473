using System.Text;
using System.Text.Json;

namespace EdgeFace.Gallery;

/// <summary>
/// Which JSON may be a person's metadata: only what every store, list and export can hold and give back. JSON itself allows more: numbers
/// beyond every type, texts that are none, one key twice.
/// </summary>
static class MetadataRules
{
    public static void Require(string metadata)
    {
        if (!GalleryRules.IsText(metadata)) throw new GalleryException("the metadata holds a lone surrogate, which is no text");
        var bytes = Encoding.UTF8.GetBytes(metadata);
        if (bytes.Length > NewPerson.MostMetadataBytes)
            throw new GalleryException($"metadata may have {NewPerson.MostMetadataBytes} bytes, not {bytes.Length}");
        try
        {
            // Deeper nesting than allowed is told below, in our words.
            var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = NewPerson.MostMetadataBytes });
            var keys = new Stack<HashSet<string>>();
            while (reader.Read()) RequireToken(ref reader, keys);
        }
        catch (JsonException e)
        {
            throw new GalleryException($"the metadata is not JSON: {e.Message}", e);
        }
    }

    /// <summary>Whether a stored text is what metadata must be; older versions accepted more than is accepted now.</summary>
    public static bool IsObject(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        // A lone surrogate is no JSON either.
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return false;
        }
    }

    static void RequireToken(ref Utf8JsonReader reader, Stack<HashSet<string>> keys)
    {
        if (reader.CurrentDepth == 0 && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.EndObject))
            throw new GalleryException($"metadata is a JSON object, such as {{\"room\": 12}}, not {Word(reader.TokenType)}");
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                if (reader.CurrentDepth >= NewPerson.MostMetadataDepth)
                    throw new GalleryException($"metadata may be nested {NewPerson.MostMetadataDepth} deep; this is deeper");
                keys.Push([]);
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                keys.Pop();
                break;
            case JsonTokenType.PropertyName:
                var key = TextOf(ref reader);
                if (!keys.Peek().Add(key)) throw new GalleryException($"the metadata holds the key '{GalleryRules.Short(key)}' twice in one object");
                break;
            case JsonTokenType.String:
                TextOf(ref reader);
                break;
            case JsonTokenType.Number when !reader.TryGetDouble(out var number) || !double.IsFinite(number):
                throw new GalleryException($"the metadata holds the number {GalleryRules.Short(Encoding.UTF8.GetString(reader.ValueSpan))}, "
                    + "which is larger than a double can be");
        }
    }

    static string TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            if (reader.GetString()! is var text && !text.Contains('\0', StringComparison.Ordinal)) return text;
        }
        catch (InvalidOperationException e)
        {
            throw new GalleryException("the metadata holds an escape such as \\ud800, half a character: it is no text", e);
        }
        throw new GalleryException("the metadata holds the character \\u0000, which not every store can hold");
    }

    static string Word(JsonTokenType token) => token switch
    {
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        _ => "true, false or null",
    };
}
