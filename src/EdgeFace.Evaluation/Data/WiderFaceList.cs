using System.Globalization;

namespace EdgeFace.Evaluation.Data;

/// <summary>
/// The text lists of WIDER FACE (<c>wider_face_val_bbx_gt.txt</c>): a picture's path, the number of its faces, then a line for each with
/// left, top, width, height and six marks: blur, expression, illumination, invalid, occlusion, pose. A picture without faces has a line of
/// zeros. Faces marked invalid are ignored.
/// </summary>
static class WiderFaceList
{
    const int Coordinates = 4, Marks = 10, InvalidMark = 7;

    public static bool IsName(string line, DataSetOptions options)
        => options.Extensions.Any(e => line.TrimEnd().EndsWith(e, StringComparison.OrdinalIgnoreCase));

    public static void Read(IEnumerable<TextLine> lines, DataSetOptions options, AnnotationBuilder builder)
    {
        AnnotationBuilder.Entry? entry = null;
        TextLine name = default;
        int? announced = null;
        var listed = 0;
        foreach (var line in lines)
        {
            if (IsName(line.Text, options))
            {
                Close();
                (name, announced, listed) = (line, null, 0);
                entry = builder.OpenOnce(line.Text.Trim(), line);
                continue;
            }
            // Of a picture that cannot be opened one problem is enough.
            if (entry is null) continue;
            try
            {
                if (announced is null) announced = Count(line);
                else if (Face(entry, line, isFiller: announced == 0, builder)) listed++;
            }
            catch (FormatException e)
            {
                builder.LeaveOut(entry, line, e.Message);
            }
        }
        Close();

        void Close()
        {
            if (entry is null or { IsLeftOut: true } || announced == listed) return;
            var found = announced is { } n ? $"{n} faces are announced, {listed} are listed" : "no number of faces follows";
            builder.LeaveOut(entry, name, found, DataProblemKind.WrongCount);
        }
    }

    static int Count(TextLine line) => int.TryParse(line.Text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        ? count : throw new FormatException($"expected the number of faces, found {line.Quoted}");

    /// <summary>Adds the face of a line; false of the line that stands for no face.</summary>
    static bool Face(AnnotationBuilder.Entry entry, TextLine line, bool isFiller, AnnotationBuilder builder)
    {
        float[] n = [.. line.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(AnnotationBuilder.Coordinate)];
        if (n.Length is not (Coordinates or Marks)) throw new FormatException($"a face has {Coordinates} or {Marks} numbers, not {n.Length}");
        if (isFiller && n.All(v => v == 0)) return false;
        var isInvalid = n.Length == Marks && n[InvalidMark] != 0;
        var box = new FaceBox(n[0], n[1], n[0] + n[2], n[1] + n[3]);
        // Nothing is detected in a box without area, so leaving out an ignored one changes nothing.
        const string NoArea = "a face marked invalid has no area; it is left out";
        if (isInvalid && !box.IsProper) builder.Problem(DataProblemKind.MalformedLine, builder.PlaceOf(line), NoArea);
        else AnnotationBuilder.AddFace(entry, box, null, isInvalid, null);
        return true;
    }
}
