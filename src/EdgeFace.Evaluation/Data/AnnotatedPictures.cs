namespace EdgeFace.Evaluation.Data;

/// <summary>
/// Pictures with annotated faces, for <see cref="DetectionProtocol"/>: a list as CSV, as JSON lines, or in WIDER FACE's text format
/// (docs/evaluation.md), told apart by its first line. A picture of which one annotation cannot be used is left out as a whole and reported:
/// what is found at that place would otherwise count as false.
/// </summary>
public sealed class AnnotatedPictures
{
    internal AnnotatedPictures(string source, string format, IReadOnlyList<AnnotatedPicture> pictures, DataProblems problems)
        => (Source, Format, Pictures, Problems) = (source, format, pictures, problems);

    /// <summary>The file it was read from.</summary>
    public string Source { get; }

    /// <summary>The format, for people.</summary>
    public string Format { get; }

    /// <summary>The pictures that are there and whose annotations can be used, in the order of the list.</summary>
    public IReadOnlyList<AnnotatedPicture> Pictures { get; }

    /// <summary>All that is wrong with it.</summary>
    public DataProblems Problems { get; }

    /// <summary>Reads a list.</summary>
    /// <param name="path">The list.</param>
    /// <param name="folder">Where its pictures are; by default the list's own folder.</param>
    /// <param name="options">How it is read.</param>
    /// <exception cref="DataSetException">No such file or folder, another format, nothing usable, or a problem in strict reading.</exception>
    public static AnnotatedPictures Read(string path, string? folder = null, DataSetOptions? options = null)
    {
        const string Expected = "annotated faces: CSV with the columns image, left, top, right, bottom; JSON lines with file and boxes or points; "
            + "or WIDER FACE's text";
        options ??= DataSetOptions.Default;
        folder ??= Path.GetDirectoryName(Path.GetFullPath(path))!;
        var builder = new AnnotationBuilder(path, folder, options);
        var lines = TextLines.Of(path, Expected);
        // An empty list has no first line.
        if (lines.FirstOrDefault() is not { Text: { } first } line) throw new DataSetException(path, null, Expected, "an empty file");
        var format = "JSON lines";
        if (first.TrimStart().StartsWith('{')) AnnotationJsonLines.Read(lines, builder);
        else if (AnnotationCsv.Columns(first) is { } columns)
        {
            format = "CSV of faces";
            AnnotationCsv.Read(lines.Skip(1), columns, builder);
        }
        else if (WiderFaceList.IsName(first, options))
        {
            format = "WIDER FACE's list";
            WiderFaceList.Read(lines, options, builder);
        }
        else throw new DataSetException(path, $"line {line.Number}", Expected, line.Quoted);
        return builder.ToPictures(format);
    }
}
