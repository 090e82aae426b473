using System.Globalization;

namespace EdgeFace.Evaluation.Data;

/// <summary>
/// Quality scores of images, for error-versus-discard curves: comma-separated values whose first line names the columns,
/// <c>image</c> first, every other one a score, as <c>image,sharpness</c>. Higher is better, in any unit. An empty field says that
/// the quality is not known.
/// </summary>
public sealed class QualityFile
{
    readonly LabelFile _values;
    readonly string _path;

    QualityFile(LabelFile values, string path) => (_values, _path) = (values, path);

    /// <summary>The names of the scores.</summary>
    public IReadOnlyList<string> Columns => _values.Columns;

    /// <summary>What is wrong with the file.</summary>
    public DataProblems Problems => _values.Problems;

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataSetException">No such file, another format, nothing usable, or a problem in strict reading.</exception>
    public static QualityFile Read(string path, DataSetOptions? options = null)
    {
        var values = LabelFile.Read(path, options);
        return values.ByPerson ? throw new DataSetException(path, "line 1", "image as the first column: a quality is of an image", "people")
            : new(values, path);
    }

    /// <summary>The scores of a data set's images, a list for each column; of images that the file does not name there are none.</summary>
    /// <exception cref="DataSetException">A score of an image of the set is no finite number, or no image of the set is named.</exception>
    public IReadOnlyList<ImageQuality> Of(DataSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        ImageQuality[] all = [.. Columns.Select(column => new ImageQuality(column, [.. set.Images.Select(image => Value(image, column))]))];
        return all.Any(q => q.Values.Any(v => v is not null)) ? all
            : throw new DataSetException(_path, null, $"qualities of the images of {set.Source}, such as '{set.Images[0].Name}'", "none of them");
    }

    float? Value(DataImage image, string column)
    {
        if (_values.Group(image, column) is not { } text) return null;
        return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value) ? value
            : throw new DataSetException(_path, $"'{image.Name}'", $"a finite number as {column}", $"'{text}'");
    }
}
