using System.Globalization;

namespace EdgeFace.Evaluation.Data;

/// <summary>
/// Comma-separated values, one line a face; a picture without faces has one line without coordinates. Columns are named in the first line, in
/// any order: <c>image</c> (or <c>file</c>), a box, points or both, and perhaps <c>label</c>, <c>ignored</c> (1 or 0), <c>width</c> and
/// <c>height</c> of the picture. Every other column is a field of the picture.
/// </summary>
static class AnnotationCsv
{
    static readonly string[] Box = ["LEFT", "TOP", "RIGHT", "BOTTOM"];
    static readonly string[] Points = ["LEFTEYEX", "LEFTEYEY", "RIGHTEYEX", "RIGHTEYEY", "NOSEX", "NOSEY", "MOUTHX", "MOUTHY"];
    static readonly string[] Others = ["IMAGE", "LABEL", "IGNORED", "WIDTH", "HEIGHT"];

    /// <summary>The columns of a first line, known ones in capitals; null where it does not name a picture and a box or points.</summary>
    public static string[]? Columns(string line)
    {
        if (CsvLine.Fields(line) is not { } fields) return null;
        string[] columns = [.. fields.Select(f => f.ToUpperInvariant() switch
        {
            "FILE" => "IMAGE",
            var capitals when IsKnown(capitals) => capitals,
            _ => f,
        })];
        bool Has(string[] names) => names.All(columns.Contains);
        bool HasPart(string[] names) => names.Any(columns.Contains) && !Has(names);
        return columns.Contains("IMAGE") && (Has(Box) || Has(Points)) && !HasPart(Box) && !HasPart(Points) && !HasPart(["WIDTH", "HEIGHT"])
            && columns.Distinct(StringComparer.OrdinalIgnoreCase).Count() == columns.Length && columns.All(c => c.Length > 0) ? columns : null;
    }

    public static void Read(IEnumerable<TextLine> lines, string[] columns, AnnotationBuilder builder)
    {
        foreach (var line in lines)
        {
            var fields = CsvLine.Fields(line.Text);
            var image = fields?.ElementAtOrDefault(Array.IndexOf(columns, "IMAGE"));
            var entry = string.IsNullOrEmpty(image) ? null : builder.Open(image, line, out _);
            if (entry is null && !string.IsNullOrEmpty(image)) continue;
            try
            {
                if (entry is null || fields!.Length != columns.Length) throw new FormatException($"expected {columns.Length} fields with a picture");
                Fill(entry, columns.Zip(fields).ToDictionary(c => c.First, c => c.Second, StringComparer.Ordinal));
            }
            catch (FormatException e)
            {
                builder.LeaveOut(entry, line, e.Message);
            }
        }
    }

    static void Fill(AnnotationBuilder.Entry entry, Dictionary<string, string> values)
    {
        foreach (var (name, value) in values.Where(v => v.Value.Length > 0 && !IsKnown(v.Key)))
        {
            AnnotationBuilder.Plain(name, "name of a column");
            if (!entry.Fields.TryAdd(name, AnnotationBuilder.Plain(value, name)) && entry.Fields[name] != value)
                throw new FormatException($"{name} is '{value}' here and '{entry.Fields[name]}' in a line before");
        }
        if (values.GetValueOrDefault("WIDTH") is { Length: > 0 } width)
        {
            var size = (Pixels(width), Pixels(values["HEIGHT"]));
            if (entry.Size is { } before && before != size)
                throw new FormatException($"the picture is {size.Item1} x {size.Item2} here and {before.Width} x {before.Height} in a line before");
            entry.Size = size;
        }
        var box = Numbers(values, Box);
        var points = Numbers(values, Points);
        if (box is null && points is null)
        {
            if (values.GetValueOrDefault("LABEL") is { Length: > 0 }) throw new FormatException("a label without a face");
            return;
        }
        var ignored = values.GetValueOrDefault("IGNORED") switch
        {
            null or "" or "0" => false,
            "1" => true,
            var other => throw new FormatException($"ignored is 1 or 0, not '{TextLine.Shortened(other)}'"),
        };
        FaceBox? annotatedBox = box is null ? null : new FaceBox(box[0], box[1], box[2], box[3]);
        FacePoints? annotatedPoints = points is null ? null : AnnotationBuilder.Points(points);
        AnnotationBuilder.AddFace(entry, annotatedBox, annotatedPoints, ignored, values.GetValueOrDefault("LABEL"));
    }

    static bool IsKnown(string column) => Box.Contains(column) || Points.Contains(column) || Others.Contains(column);

    /// <summary>The numbers of columns; null where the file has no such columns or all are empty.</summary>
    static float[]? Numbers(Dictionary<string, string> values, string[] columns)
    {
        if (!values.ContainsKey(columns[0]) || columns.All(c => values[c].Length == 0)) return null;
        return [.. columns.Select(c => AnnotationBuilder.Coordinate(values[c]))];
    }

    static int Pixels(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pixels) && pixels > 0
        ? pixels : throw new FormatException($"'{TextLine.Shortened(text)}' is no number of pixels");
}
