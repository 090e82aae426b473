using System.Text.Json;

namespace EdgeFace.Evaluation.Data;

/// <summary>
/// One JSON object a picture and line: <c>file</c>; <c>boxes</c> and <c>ignored</c>, each face left, top, right, bottom and perhaps a label;
/// <c>points</c>, each face eight numbers; <c>width</c> and <c>height</c> of the picture; other fields are texts. Fields of other types are not
/// known and leave the picture out.
/// </summary>
static class AnnotationJsonLines
{
    static readonly JsonDocumentOptions Options = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    public static void Read(IEnumerable<TextLine> lines, AnnotationBuilder builder)
    {
        foreach (var line in lines)
        {
            AnnotationBuilder.Entry? entry = null;
            try
            {
                using var document = JsonDocument.Parse(line.Text, Options);
                var root = document.RootElement;
                var file = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("file", out var named) ? named : default;
                entry = builder.OpenOnce(TextOf(file, "file"), line);
                if (entry is not null) Fill(entry, root);
            }
            // A text with half a surrogate pair is told by an InvalidOperationException.
            catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
            {
                builder.LeaveOut(entry, line, "expected the JSON object of a picture: " + e.Message);
            }
        }
    }

    static void Fill(AnnotationBuilder.Entry entry, JsonElement root)
    {
        int? width = null, height = null;
        foreach (var field in root.EnumerateObject())
        {
            switch (field.Name)
            {
                case "file": break;
                case "width": width = Pixels(field); break;
                case "height": height = Pixels(field); break;
                case "points":
                    foreach (var face in List(field.Value, field.Name)) AddPoints(entry, [.. List(face, "a face of points")]);
                    break;
                case "boxes" or "ignored":
                    var isIgnored = field.Name == "ignored";
                    foreach (var face in List(field.Value, field.Name)) AddBox(entry, [.. List(face, $"a face of {field.Name}")], isIgnored);
                    break;
                default:
                    entry.Fields[AnnotationBuilder.Plain(field.Name, "name of a field")] = TextOf(field.Value, field.Name);
                    break;
            }
        }
        if (width is null != height is null) throw new FormatException("width without height, or height without width");
        if (width is { } w && height is { } h) entry.Size = (w, h);
    }

    static void AddPoints(AnnotationBuilder.Entry entry, JsonElement[] values)
    {
        if (values.Length != 8) throw new FormatException($"points of a face are 8 numbers, not {values.Length} values");
        AnnotationBuilder.AddFace(entry, null, AnnotationBuilder.Points([.. values.Select(Coordinate)]), isIgnored: false, null);
    }

    static void AddBox(AnnotationBuilder.Entry entry, JsonElement[] values, bool isIgnored)
    {
        if (values.Length is not (4 or 5)) throw new FormatException($"a box is 4 numbers and perhaps a label, not {values.Length} values");
        float[] sides = [.. values.Take(4).Select(Coordinate)];
        var label = values.Length == 5 ? TextOf(values[4], "label") : null;
        AnnotationBuilder.AddFace(entry, new FaceBox(sides[0], sides[1], sides[2], sides[3]), null, isIgnored, label);
    }

    static float Coordinate(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number)
        ? AnnotationBuilder.Coordinate(number) : throw new FormatException("a coordinate is no number");

    static int Pixels(JsonProperty field)
        => field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetInt32(out var pixels) && pixels > 0 ? pixels
            : throw new FormatException($"{field.Name} is a whole number above 0");

    static JsonElement.ArrayEnumerator List(JsonElement value, string name)
        => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw new FormatException($"{name} is a list");

    static string TextOf(JsonElement value, string name)
        => value.ValueKind == JsonValueKind.String ? AnnotationBuilder.Plain(value.GetString()!, $"text as {name}")
            : throw new FormatException(name == "file" ? "it has a text 'file'" : $"{name} is a text");
}
