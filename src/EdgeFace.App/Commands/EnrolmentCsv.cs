using System.Globalization;
using EdgeFace.Evaluation.Data;
using EdgeFace.Files;
using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary>
/// A list of people and pictures: columns <c>name</c> and <c>image</c>, perhaps <c>key</c> and <c>metadata</c>, and which face of the picture is
/// meant, as <c>face</c> or as <c>left,top,right,bottom</c>. What <c>edgeface cluster</c> writes is such a list once its names are filled in. Paths
/// are relative to the list.
/// </summary>
sealed class EnrolmentCsv
{
    static readonly string[] NameColumns = ["name", "person", "identity"], ImageColumns = ["image", "file"];
    static readonly string[] BoxColumns = ["left", "top", "right", "bottom"];

    readonly string _folder;
    readonly string[] _columns;
    readonly List<EnrolmentItem> _items = [];
    readonly List<ErrorJson> _errors = [], _ignored = [];

    EnrolmentCsv(string list, string[] columns) => (_folder, _columns) = (Path.GetDirectoryName(Path.GetFullPath(list))!, columns);

    /// <exception cref="DataSetException">It is no such list, or nobody can be enrolled from it.</exception>
    public static EnrolmentList Read(string list)
    {
        EnrolmentCsv? read = null;
        foreach (var line in TextLines.Of(list, "a list of people and pictures"))
        {
            var fields = CsvLine.Fields(line.Text);
            if (read is not null) read.Add($"{list} line {line.Number}", fields);
            else
            {
                read = new(list, [.. (fields ?? []).Select(f => f.ToLowerInvariant())]);
                if (!NameColumns.Any(read._columns.Contains) || !ImageColumns.Any(read._columns.Contains))
                    throw new DataSetException(
                        list, $"line {line.Number}", "names of columns, as 'name,image' or 'name,image,key,metadata,face'", line.Quoted);
            }
        }
        if (read is { _items.Count: > 0 }) return new(read._items, read._errors, read._ignored);
        throw new DataSetException(list, null, "people and pictures", read switch
        {
            { _errors: [var first, ..] errors } => $"none, and {errors.Count} unusable lines, the first: {first.Message}",
            { _ignored: [var first, ..] unnamed } => $"none, and {unnamed.Count} faces without a name, the first: {first.Message}",
            _ => "an empty list",
        });
    }

    void Add(string place, string[]? fields)
    {
        if (fields?.Length != _columns.Length)
        {
            Refuse(place, $"expected {_columns.Length} fields");
            return;
        }
        var image = Field(fields, ImageColumns);
        var name = Field(fields, NameColumns);
        // Of groups that a program made, nobody has to know all.
        if (name is null && image is not null && _columns.Contains("group")) _ignored.Add(new(place, $"{place}: passed over: nobody is named"));
        else if (name is null || image is null) Refuse(place, "a name and a picture are needed");
        else if (FileStatus.Of(Path.Combine(_folder, image)).Kind == FileKind.Special) Refuse(place, $"{image} is a pipe, socket or device");
        else if (FaceOf(fields) is not { } face) Refuse(place, "a face is 'largest' or a number from 0, in the order of 'edgeface detect'");
        else if (BoxOf(fields) is not { } box) Refuse(place, $"{string.Join(',', BoxColumns)} are all empty, or numbers of pixels that make a box");
        else
        {
            try
            {
                var person = new NewPerson(name) { ExternalKey = Field(fields, "key"), Metadata = Field(fields, "metadata") };
                _items.Add(new(Path.Combine(_folder, image), person.Accepted()) { Face = face.Choice, Box = box.Place });
            }
            catch (GalleryException e)
            {
                _errors.Add(new(place, $"{place}: {e.Message}", Wording.Kind(e.Kind)));
            }
        }
    }

    void Refuse(string place, string why) => _errors.Add(new(place, $"{place}: {why}"));

    string? Field(string[] fields, params ReadOnlySpan<string> names)
    {
        foreach (var column in names)
            if (Array.IndexOf(_columns, column) is var at and >= 0 && fields[at].Length > 0) return fields[at];
        return null;
    }

    /// <summary>None where the field is empty; null where it is no choice.</summary>
    (FaceChoice? Choice, bool IsValid)? FaceOf(string[] fields) => Field(fields, "face") switch
    {
        null => (null, true),
        "largest" => (FaceChoice.Largest, true),
        var text when NumberRange.FromZero<int>().Read(text) is { } index => (FaceChoice.At(index), true),
        _ => null,
    };

    /// <summary>None where all fields are empty; null where they are no box.</summary>
    (Box? Place, bool IsValid)? BoxOf(string[] fields)
    {
        var given = Array.FindAll([.. BoxColumns.Select(column => Field(fields, column))], text => text is not null);
        if (given.Length == 0) return (null, true);
        float[] edges = [.. given.Select(Edge)];
        return edges is [var left, var top, var right, var bottom] && left < right && top < bottom
            ? (new Box(left, top, right, bottom), true) : null;

        static float Edge(string? text)
            => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value) ? value : float.NaN;
    }
}
