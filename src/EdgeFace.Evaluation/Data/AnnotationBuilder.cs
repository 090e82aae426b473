using System.Globalization;
using System.Numerics;

namespace EdgeFace.Evaluation.Data;

/// <summary>Collects annotated pictures from the lines of a list, and what is wrong with them.</summary>
/// <exception cref="DataSetException">There is no such folder of pictures.</exception>
sealed class AnnotationBuilder(string source, string folder, DataSetOptions options)
{
    const float Farthest = 1_000_000;
    const int MostFaces = 10_000, LongestText = 200;

    readonly FileFinder _finder = new(folder, options.Extensions);
    readonly Dictionary<string, Entry> _byName = new(StringComparer.Ordinal);
    readonly List<Entry> _entries = [];
    readonly DataProblems _problems = new();

    /// <summary>A picture while its lines are read.</summary>
    public sealed class Entry
    {
        public DataImage? Image { get; init; }

        public List<AnnotatedFace> Faces { get; } = [];

        public Dictionary<string, string> Fields { get; } = new(StringComparer.OrdinalIgnoreCase);

        public (int Width, int Height)? Size { get; set; }

        public bool IsLeftOut { get; set; }
    }

    public string PlaceOf(TextLine line) => $"{source} line {line.Number}";

    public void Problem(DataProblemKind kind, string place, string text) => _problems.Add(kind, place, text);

    /// <summary>Reports a line, and leaves its picture out.</summary>
    public void LeaveOut(Entry? entry, TextLine line, string text, DataProblemKind kind = DataProblemKind.MalformedLine)
    {
        if (entry is not null) entry.IsLeftOut = true;
        Problem(kind, PlaceOf(line), text + (entry?.Image is { } image ? $"; '{image.Name}' is left out" : ""));
    }

    /// <summary>The entry of a picture, perhaps a known one; null where the name leads out of the folder. A missing file is reported once.</summary>
    public Entry? Open(string listed, TextLine line, out bool isKnown)
    {
        isKnown = false;
        if (IsPlain(listed))
        {
            _finder.Find(listed, out var name, out var path);
            if (name is not null)
            {
                isKnown = _byName.TryGetValue(name, out var entry);
                if (isKnown) return entry;
                if (path is null) Problem(DataProblemKind.MissingFile, PlaceOf(line), $"'{name}' is not in {folder}");
                _byName[name] = entry = new() { Image = path is null ? null : new FileImage(name, null, path) };
                _entries.Add(entry);
                return entry;
            }
        }
        LeaveOut(null, line, $"'{TextLine.Shortened(listed)}' is no file inside {folder}");
        return null;
    }

    /// <summary>The entry of a picture that has one place in the list; null as above. A second place leaves it out.</summary>
    public Entry? OpenOnce(string listed, TextLine line)
    {
        var entry = Open(listed, line, out var isKnown);
        if (isKnown) LeaveOut(entry, line, "the picture was listed before");
        return entry;
    }

    /// <exception cref="FormatException">It is no face, or one too many.</exception>
    public static void AddFace(Entry entry, FaceBox? box, FacePoints? points, bool isIgnored, string? label)
    {
        if (entry.Faces.Count == MostFaces) throw new FormatException($"more than {MostFaces} faces in one picture");
        if (box is { IsProper: false }) throw new FormatException("a box without area: right and bottom have to exceed left and top");
        if (points is { IsProper: false }) throw new FormatException("both eyes at one place");
        label = string.IsNullOrEmpty(label) ? null : Plain(label, "label");
        var face = new AnnotatedFace(box, points) { IsIgnored = isIgnored, Label = label };
        entry.Faces.Add(face.IsProper ? face : throw new FormatException("points that are no face's"));
    }

    public static FacePoints Points(ReadOnlySpan<float> p) => new(new Vector2(p[0], p[1]), new(p[2], p[3]), new(p[4], p[5]), new(p[6], p[7]));

    /// <exception cref="FormatException">It is no number, or beyond any picture.</exception>
    public static float Coordinate(float value)
        => Math.Abs(value) <= Farthest ? value : throw new FormatException($"a coordinate that is no number within {Farthest} pixels");

    /// <exception cref="FormatException">It is no number, or beyond any picture.</exception>
    public static float Coordinate(string text) => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        ? Coordinate(value) : throw new FormatException($"'{TextLine.Shortened(text)}' is no number");

    /// <exception cref="FormatException">It is empty, too long or holds control characters.</exception>
    public static string Plain(string text, string what)
        => IsPlain(text) ? text : throw new FormatException($"a {what} that is empty, has control characters or more than {LongestText}");

    static bool IsPlain(string text) => text.Length is > 0 and <= LongestText && !text.Any(char.IsControl);

    public AnnotatedPictures ToPictures(string format)
    {
        _problems.ThrowIfStrict(options, source);
        var usable = _entries.Where(e => e is { Image: not null, IsLeftOut: false });
        AnnotatedPicture[] pictures = [.. usable.Select(e => new AnnotatedPicture(e.Image!, e.Faces, e.Fields, e.Size))];
        if (pictures.Length > 0) return new(source, format, pictures, _problems);
        var found = _problems.Count == 0 ? "none" : $"none, and {_problems.Total} problems, the first: {_problems[0]}";
        throw new DataSetException(source, null, $"annotated pictures in {folder}", found);
    }
}
