using System.Text;

namespace EdgeFace.Evaluation.Data;

/// <summary>Where a detector found the face of an image, as the data set says.</summary>
/// <param name="Landmarks">x and y of left eye, right eye, nose tip, left and right corner of the mouth, in pixels: ten numbers.</param>
/// <param name="Score">How sure that detector was.</param>
public sealed record DataFace(IReadOnlyList<float> Landmarks, float Score);

/// <summary>One encoded picture of a data set, read when it is asked for. Any number of threads may read at once.</summary>
public abstract class DataImage
{
    /// <summary>Most bytes an encoded picture may have.</summary>
    public const int MaxBytes = 64 << 20;

    private protected DataImage(string name, string? person) => (Name, Person) = (name, person);

    /// <summary>What the data set calls it: a path with forward slashes from the folder of images, or the number inside a container.</summary>
    public string Name { get; }

    /// <summary>The person, where the format tells; never guessed.</summary>
    public string? Person { get; }

    /// <summary>The picture's own file; null where it lies in a container.</summary>
    public virtual string? Path => null;

    /// <summary>The face, where the data set says where it is.</summary>
    public DataFace? Face { get; internal init; }

    /// <summary>How many bytes <see cref="Read"/> gives, as far as that is known without reading; else null.</summary>
    internal abstract long? Length { get; }

    /// <summary>The encoded bytes.</summary>
    /// <exception cref="DataSetException">Empty, too large, gone or unreadable.</exception>
    public abstract byte[] Read();

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    private protected static int Checked(long length, string file, string? place)
        => length is > 0 and <= MaxBytes ? (int)length
            : throw new DataSetException(file, place, $"a picture of 1 to {MaxBytes} bytes", $"{length} bytes");
}

/// <summary>A picture in a file of its own.</summary>
sealed class FileImage(string name, string? person, string path) : DataImage(name, person)
{
    public override string Path => path;

    internal override long? Length
    {
        get
        {
            using var file = new DataFile(path, "a picture");
            return file.Length;
        }
    }

    public override byte[] Read()
    {
        using var file = new DataFile(path, "a picture");
        var bytes = new byte[Checked(file.Length, path, null)];
        file.Read(0, bytes);
        return bytes;
    }
}

/// <summary>
/// A picture that is a part of a file; <paramref name="latin1Text"/>: the part is a UTF-8 text whose characters stand for one byte each.
/// </summary>
sealed class PartImage(string name, DataFile file, long offset, long length, bool latin1Text) : DataImage(name, null)
{
    internal override long? Length => latin1Text ? null : length;

    public override byte[] Read()
    {
        var bytes = new byte[Checked(length, file.Path, $"byte {offset}")];
        file.Read(offset, bytes);
        if (!latin1Text) return bytes;
        var text = Encoding.UTF8.GetString(bytes);
        var foreign = text.AsSpan().IndexOfAnyExceptInRange('\0', '\xff');
        return foreign < 0 ? Encoding.Latin1.GetBytes(text)
            : throw new DataSetException(file.Path, $"byte {offset}", "bytes written as characters up to U+00FF", $"U+{(int)text[foreign]:X4}");
    }
}

/// <summary>A picture that is the content of a record.</summary>
sealed class RecordImage(string name, string? person, RecordFile file, int key) : DataImage(name, person)
{
    internal override long? Length => null;

    public override byte[] Read() => file.Read(key).Content;
}
