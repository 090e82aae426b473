using System.Globalization;
using EdgeFace.Weights;

namespace EdgeFace.Evaluation.Data;

/// <summary>
/// Reads InsightFace's <c>.bin</c> files (github.com/deepinsight/insightface, recognition/arcface_torch/eval/verification.py): a Python
/// pickle, protocols 2 to 5, of a list of encoded pictures, two for each pair, and a list that says of each pair whether it shows one
/// person. Pictures may be byte strings or arrays of numpy's. The pickle is read by a closed list and nothing in it is executed; pictures
/// stay in the file until they are read.
/// </summary>
public static class BinFile
{
    /// <summary>
    /// Reads a file below 2 GiB. The folds are the reference protocol's: ten consecutive parts. The format does not tell who the people are.
    /// </summary>
    /// <exception cref="DataSetException">No such file, another format, or a pickle that holds anything else.</exception>
    public static DataSet Read(string path)
    {
        var file = new DataFile(path, NumpyPickle.Dialect.Expected);
        try
        {
            if (file.Length is 0 or > int.MaxValue)
                throw Wrong(path, $"{NumpyPickle.Dialect.Expected}, of at most {int.MaxValue} bytes", $"{file.Length} bytes");
            using var mapped = new MappedFile(path);
            if (mapped.Length != file.Length) throw Wrong(path, "a file that nobody writes to", $"{mapped.Length} bytes instead of {file.Length}");
            var root = PickleReader.Read(mapped.Span, path, new ReadBudget(path, file.Length), NumpyPickle.Dialect);
            if (Items(root) is not [var pictures, var flags]) throw Wrong(path, "a pair of pictures and labels", Kind(root));
            var images = Images(Items(pictures) ?? throw Wrong(path, "a list of pictures", Kind(pictures)), file);
            var same = Flags(flags, mapped.Span, path);
            if (images.Length != 2L * same.Length)
                throw Wrong(path, "two pictures for each label", $"{images.Length} pictures and {same.Length} labels");
            if (same.Length == 0) throw Wrong(path, "pairs", "none");
            var pairs = new DataPair[same.Length];
            for (var i = 0; i < pairs.Length; i++) pairs[i] = new(Folds.Of(i, pairs.Length), same[i], 2 * i, 2 * i + 1);
            return new(path, "InsightFace .bin", images, new(), file)
            {
                Pairs = pairs,
                ListedPairs = pairs.Length,
                Benchmark = Benchmarks.OfBin(path, pairs),
            };
        }
        catch (ModelFormatException e)
        {
            file.Dispose();
            const string At = "at ";
            var found = e.Found ?? e.Message;
            var colon = found.StartsWith(At, StringComparison.Ordinal) ? found.IndexOf(": ", StringComparison.Ordinal) : -1;
            throw new DataSetException(path, colon < 0 ? null : found[At.Length..colon], e.Expected ?? NumpyPickle.Dialect.Expected,
                colon < 0 ? found : found[(colon + 2)..], e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    static DataImage[] Images(IReadOnlyList<object?> items, DataFile file)
    {
        var images = new DataImage[items.Count];
        for (var i = 0; i < images.Length; i++)
        {
            var bytes = items[i] switch
            {
                PickleBytes plain => plain,
                NumpyArray { Type.IsBool: false, Values: PickleBytes values } => values,
                var other => throw new DataSetException(file.Path, $"picture {i}", "a byte string or an array of bytes", Kind(other)),
            };
            images[i] = new PartImage(i.ToString(CultureInfo.InvariantCulture), file, bytes.Offset, bytes.Length, bytes.Latin1Text);
        }
        return images;
    }

    static bool[] Flags(object? flags, ReadOnlySpan<byte> file, string path)
    {
        bool[] same;
        switch (flags)
        {
            case NumpyArray { Values: string text }:
                same = [.. text.Select(c => c != 0)];
                break;
            case NumpyArray { Values: PickleBytes values }:
                var bytes = file.Slice(values.Offset, values.Length);
                if (bytes.ContainsAnyExceptInRange((byte)0, (byte)1)) throw Wrong(path, "labels of 0 and 1", "others");
                same = new bool[bytes.Length];
                for (var i = 0; i < same.Length; i++) same[i] = bytes[i] != 0;
                break;
            default:
                var items = Items(flags) ?? throw Wrong(path, "a list of labels", Kind(flags));
                same = new bool[items.Count];
                for (var i = 0; i < same.Length; i++)
                    same[i] = items[i] switch
                    {
                        bool b => b,
                        0L => false,
                        1L => true,
                        var other => throw new DataSetException(path, $"label {i}", "true or false", Kind(other)),
                    };
                break;
        }
        return same;
    }

    static IReadOnlyList<object?>? Items(object? value)
        => value switch { PickleList list => list.Items, PickleTuple tuple => tuple.Items, _ => null };

    static DataSetException Wrong(string path, string expected, string found) => new(path, null, expected, found);

    static string Kind(object? value) => value switch
    {
        null => "None",
        bool => "a bool",
        long number => $"the number {number}",
        double => "a number with decimals",
        string => "a text",
        PickleBytes => "a byte string",
        PickleList list => $"a list of {list.Items.Count}",
        PickleTuple tuple => $"a tuple of {tuple.Items.Length}",
        PickleDictionary => "a dictionary",
        NumpyArray { Type: null } => "an array without values",
        NumpyArray { Type.IsBool: true } => "an array of bools",
        NumpyArray => "an array of bytes",
        NumpyType => "a type of numpy's",
        PickleGlobal global => $"the name {global.Name}",
        _ => "something else",
    };
}
