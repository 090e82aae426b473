using System.Collections;

namespace EdgeFace.Evaluation.Data;

/// <summary>What can be wrong with a data set that is nevertheless read.</summary>
public enum DataProblemKind
{
    /// <summary>A picture that a list names and that is not there. Its pairs are left out.</summary>
    MissingFile,

    /// <summary>A line that cannot be understood, or names a file outside the folder. It is left out.</summary>
    MalformedLine,

    /// <summary>Another number of lines, records or images than the data set says it has.</summary>
    WrongCount,

    /// <summary>A pair listed both as the same person and as different ones, or against the names of its folders.</summary>
    ContradictoryLabel,

    /// <summary>A pair listed twice with one label, or an image paired with itself. It is kept.</summary>
    DuplicatePair,

    /// <summary>A person with images in more than one fold: thresholds are then chosen on people they are tested on.</summary>
    FoldLeak,

    /// <summary>
    /// Something in a folder of people that is no picture that is read, lies where none is looked for, or was read under another name.
    /// </summary>
    IgnoredFile,

    /// <summary>A person without images.</summary>
    EmptyPerson,

    /// <summary>One picture, byte for byte, under two names. See <see cref="DataSet.FindIdenticalImages"/>.</summary>
    IdenticalImages,

    /// <summary>A file or folder among pictures that cannot be read, or whose name is not UTF-8.</summary>
    Unreadable,

    /// <summary>Images of which nobody says whom they show, in a data set of people. They take part in nothing that needs people.</summary>
    UnknownPerson,
}

/// <summary>One thing that is wrong with a data set.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Place">The file and where in it.</param>
/// <param name="Text">What is wrong, for people.</param>
public readonly record struct DataProblem(DataProblemKind Kind, string Place, string Text)
{
    /// <summary>Place and text.</summary>
    public override string ToString() => $"{Place}: {Text}";
}

/// <summary>
/// All that is wrong with a data set that was nevertheless read. Every problem is counted; of each kind the first 10,000 are listed.
/// </summary>
public sealed class DataProblems : IReadOnlyList<DataProblem>
{
    const int MostListed = 10_000;

    readonly List<DataProblem> _listed = [];
    readonly int[] _listedOfKind = new int[Enum.GetValues<DataProblemKind>().Length];
    readonly long[] _counts = new long[Enum.GetValues<DataProblemKind>().Length];

    /// <summary>How many are listed.</summary>
    public int Count => _listed.Count;

    /// <summary>The listed problem at an index.</summary>
    public DataProblem this[int index] => _listed[index];

    /// <summary>How many there are, listed or not.</summary>
    public long Total => _counts.Sum();

    /// <summary>How many of one kind there are, listed or not.</summary>
    public long CountOf(DataProblemKind kind) => _counts[(int)kind];

    /// <inheritdoc/>
    public IEnumerator<DataProblem> GetEnumerator() => _listed.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Add(DataProblemKind kind, string place, string text)
    {
        _counts[(int)kind]++;
        if (_listedOfKind[(int)kind] == MostListed) return;
        _listedOfKind[(int)kind]++;
        _listed.Add(new(kind, place, text));
    }

    /// <exception cref="DataSetException">There is a problem that strict reading does not bear.</exception>
    internal void ThrowIfStrict(DataSetOptions options, string source)
    {
        if (!options.Strict) return;
        foreach (var kind in (ReadOnlySpan<DataProblemKind>)[DataProblemKind.MissingFile, DataProblemKind.MalformedLine,
            DataProblemKind.WrongCount, DataProblemKind.ContradictoryLabel, DataProblemKind.Unreadable])
        {
            if (CountOf(kind) == 0) continue;
            var first = _listed.First(p => p.Kind == kind);
            throw new DataSetException(source, null, "a data set without problems", $"{CountOf(kind)} of kind {kind}, the first: {first}");
        }
    }
}
