using System.Security.Cryptography;

namespace EdgeFace.Evaluation.Data;

/// <summary>Two images and whether they show one person.</summary>
/// <param name="Fold">The fold, as the list numbers it, or in the order of the list, from 1.</param>
/// <param name="Same">Whether the list says that both show one person.</param>
/// <param name="A">Index into <see cref="DataSet.Images"/>.</param>
/// <param name="B">Index into <see cref="DataSet.Images"/>.</param>
public readonly record struct DataPair(int Fold, bool Same, int A, int B);

/// <summary>A person of a data set.</summary>
/// <param name="Name">As the data set names or numbers them.</param>
/// <param name="Images">Indices into <see cref="DataSet.Images"/>.</param>
public sealed record DataPerson(string Name, IReadOnlyList<int> Images);

/// <summary>A data set: images, and what it says of them. Disposing it closes the container the images lie in, if there is one.</summary>
public sealed class DataSet : IDisposable
{
    readonly IDisposable? _container;
    readonly Lazy<(IReadOnlyList<DataPerson> People, int[] PersonOf)> _people;

    internal DataSet(string source, string format, IReadOnlyList<DataImage> images, DataProblems problems, IDisposable? container = null)
    {
        (Source, Format, Images, Problems, _container) = (source, format, images, problems, container);
        _people = new(() => GroupByPerson(images));
    }

    /// <summary>The file or folder it was read from.</summary>
    public string Source { get; }

    /// <summary>The format, for people.</summary>
    public string Format { get; }

    /// <summary>The images that are there.</summary>
    public IReadOnlyList<DataImage> Images { get; }

    /// <summary>The pairs whose two images are there, in the order of the list; empty where the format has none.</summary>
    public IReadOnlyList<DataPair> Pairs { get; internal init; } = [];

    /// <summary>How many pairs the list names; those beyond <see cref="Pairs"/> lack an image.</summary>
    public int ListedPairs { get; internal init; }

    /// <summary>The published benchmark that it is, whole; null of everything else.</summary>
    public Benchmark? Benchmark { get; internal init; }

    /// <summary>Media and templates; null where the format has none.</summary>
    public TemplateProtocol? Templates { get; internal init; }

    /// <summary>All that is wrong with it.</summary>
    public DataProblems Problems { get; }

    /// <summary>The people the images are of, in order of appearance; empty where the format does not tell.</summary>
    public IReadOnlyList<DataPerson> People => _people.Value.People;

    /// <summary>For each image the index of its person in <see cref="People"/>, or -1 where the format does not tell.</summary>
    public IReadOnlyList<int> PersonOf => _people.Value.PersonOf;

    /// <summary>
    /// Asks for what protocols over people need, before anything is embedded: two images of which the data set says whom they show.
    /// </summary>
    /// <exception cref="DataSetException">There are not as many.</exception>
    public void RequirePeople()
    {
        if (PersonOf.Count(p => p >= 0) is var known and < 2)
            throw new DataSetException(Source, null,
                "at least two images of known people (RecordIO has to be packed with the number of the person, 0 or more, as the label)",
                known == 0 ? $"{Images.Count} images of which nobody says who they show" : "one");
    }

    /// <summary>
    /// Compares all images byte for byte, reading those of equal length, and reports groups of equal ones: pairs of them that are listed as
    /// different people and equal images under two people are likely wrong labels. Not part of <see cref="Problems"/>, since it reads much.
    /// </summary>
    /// <exception cref="DataSetException">An image cannot be read.</exception>
    public DataProblems FindIdenticalImages(CancellationToken cancel = default)
    {
        var problems = new DataProblems();
        var representative = Enumerable.Range(0, Images.Count).ToArray();
        foreach (var sameLength in Enumerable.Range(0, Images.Count).GroupBy(i => Images[i].Length))
        {
            if (sameLength.Key is not null && sameLength.Take(2).Count() < 2) continue;
            var first = new Dictionary<UInt128, int>();
            foreach (var image in sameLength)
            {
                cancel.ThrowIfCancellationRequested();
                var hash = BitConverter.ToUInt128(SHA256.HashData(Images[image].Read()));
                if (first.TryAdd(hash, image)) continue;
                var (a, b) = (Images[first[hash]], Images[image]);
                representative[image] = first[hash];
                if (Templates is null && Pairs.Count == 0 || a.Person != b.Person)
                    problems.Add(DataProblemKind.IdenticalImages, Source, $"'{a.Name}'{Of(a)} and '{b.Name}'{Of(b)} are one picture");
            }
        }
        foreach (var pair in Pairs)
        {
            if (representative[pair.A] != representative[pair.B]) continue;
            problems.Add(DataProblemKind.IdenticalImages, Source,
                $"'{Images[pair.A].Name}' and '{Images[pair.B].Name}' are one picture and are listed as "
                + $"{(pair.Same ? "the same person: the pair tests nothing" : "different people: likely a wrong label")} (fold {pair.Fold})");
        }
        return problems;

        static string Of(DataImage image) => image.Person is null ? "" : $" of '{image.Person}'";
    }

    /// <summary>Closes the container. Images that lie in one can no longer be read.</summary>
    public void Dispose() => _container?.Dispose();

    static (IReadOnlyList<DataPerson> People, int[] PersonOf) GroupByPerson(IReadOnlyList<DataImage> images)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var people = new List<(string Name, List<int> Images)>();
        var personOf = new int[images.Count];
        for (var i = 0; i < images.Count; i++)
        {
            personOf[i] = -1;
            if (images[i].Person is not { } name) continue;
            if (!numbers.TryGetValue(name, out var number))
            {
                numbers.Add(name, number = people.Count);
                people.Add((name, []));
            }
            people[number].Images.Add(i);
            personOf[i] = number;
        }
        return ([.. people.Select(p => new DataPerson(p.Name, p.Images))], personOf);
    }
}
