namespace EdgeFace.Evaluation.Data;

/// <summary>Collects the pairs of a list, finds their images, and reports what does not fit together.</summary>
sealed class PairSetBuilder(string list, string folder, DataSetOptions options)
{
    // Folders are people where nearly all pairs say so; the others are then wrong labels.
    const double AgreementOfFolders = 0.9;
    const int Missing = -1;

    readonly FileFinder _finder = new(folder, options.Extensions);
    readonly Dictionary<string, int> _byListedName = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> _byName = new(StringComparer.Ordinal);
    readonly List<(string Name, string Path, string? Person)> _images = [];
    readonly List<(string Place, int Fold, bool Same, int A, int B)> _pairs = [];

    public DataProblems Problems { get; } = new();

    public void Malformed(string place, string expected, string found)
        => Problems.Add(DataProblemKind.MalformedLine, place, $"expected {expected}, found '{(found.Length > 120 ? found[..120] + "..." : found)}'");

    public string Place(TextLine line) => $"{list} line {line.Number}";

    /// <summary>Adds a pair; <paramref name="fold"/> 0 has it given one by its place among the pairs of its kind.</summary>
    public void Add(string place, int fold, bool same, (string Name, string? Person) a, (string Name, string? Person) b)
        => _pairs.Add((place, fold, same, Image(place, a), Image(place, b)));

    int Image(string place, (string Name, string? Person) image)
    {
        if (_byListedName.TryGetValue(image.Name, out var index)) return index;
        _finder.Find(image.Name, out var name, out var path);
        if (name is null)
        {
            Malformed(place, "a file inside the folder of images", image.Name);
            index = Missing;
        }
        else if (path is null)
        {
            Problems.Add(DataProblemKind.MissingFile, place, $"'{name}' is not in {folder}");
            index = Missing;
        }
        else if (!_byName.TryGetValue(name, out index))
        {
            _byName.Add(name, index = _images.Count);
            _images.Add((name, path, image.Person));
        }
        _byListedName.Add(image.Name, index);
        return index;
    }

    /// <exception cref="DataSetException">No pair, no image, or a problem in strict reading.</exception>
    public DataSet Build(string format, bool personsMayBeFolders = false, bool isCfpFrontalProfile = false)
    {
        if (_pairs.Count == 0)
            throw new DataSetException(list, null, "pairs",
                Problems.Count == 0 ? "none" : $"none, and {Problems.Total} problems, the first: {Problems[0]}");
        var persons = !personsMayBeFolders || FoldersAreMostlyPeople();
        var (pairs, places) = (new List<DataPair>(_pairs.Count), new List<string>(_pairs.Count));
        int same = 0, different = 0, allSame = _pairs.Count(p => p.Same);
        var labels = new Dictionary<(int, int), (bool Same, string Place)>();
        foreach (var (place, listedFold, isSame, a, b) in _pairs)
        {
            var order = isSame ? Folds.Of(same++, allSame) : Folds.Of(different++, _pairs.Count - allSame);
            if (a == Missing || b == Missing) continue;
            pairs.Add(new(listedFold > 0 ? listedFold : order, isSame, a, b));
            places.Add(place);
            Check(place, isSame, a, b, persons, labels);
        }
        FindChains(pairs, places);
        Problems.ThrowIfStrict(options, list);
        if (pairs.Count == 0)
            throw new DataSetException(list, null, $"pairs whose images are in {folder}",
                $"none of {_pairs.Count}, with {Problems.CountOf(DataProblemKind.MissingFile)} files missing; the first: {Problems[0]}");
        if (persons) FindLeaks(pairs);
        FileImage[] images = [.. _images.Select(i => new FileImage(i.Name, persons ? i.Person : null, i.Path))];
        return new(list, format, images, Problems)
        {
            Pairs = pairs,
            ListedPairs = _pairs.Count,
            Benchmark = Benchmarks.OfList(isCfpFrontalProfile, images, pairs),
        };
    }

    void Check(string place, bool same, int a, int b, bool persons, Dictionary<(int, int), (bool Same, string Place)> labels)
    {
        var (nameA, nameB) = (_images[a].Name, _images[b].Name);
        if (a == b) Problems.Add(DataProblemKind.DuplicatePair, place, $"'{nameA}' is paired with itself");
        if (!labels.TryAdd((Math.Min(a, b), Math.Max(a, b)), (same, place)))
        {
            var before = labels[(Math.Min(a, b), Math.Max(a, b))];
            if (before.Same == same)
                Problems.Add(DataProblemKind.DuplicatePair, place, $"'{nameA}' and '{nameB}' were listed before at {before.Place}");
            else
                Problems.Add(DataProblemKind.ContradictoryLabel, place,
                    $"'{nameA}' and '{nameB}' are listed as {Word(same)} here and as {Word(before.Same)} at {before.Place}");
        }
        if (persons && _images[a].Person is { } personA && _images[b].Person is { } personB && (personA == personB) != same)
            Problems.Add(DataProblemKind.ContradictoryLabel, place,
                $"'{nameA}' and '{nameB}' are listed as {Word(same)}, and their names say {Word(!same)}");

        static string Word(bool same) => same ? "the same person" : "different people";
    }

    /// <summary>
    /// Pairs of different people whom other pairs make the same person only by way of further images; what two lines say of one
    /// pair is <see cref="Check"/>'s.
    /// </summary>
    void FindChains(List<DataPair> pairs, List<string> places)
    {
        var listedAsSame = pairs.Where(p => p.Same).Select(p => (Math.Min(p.A, p.B), Math.Max(p.A, p.B))).ToHashSet();
        foreach (var i in LabelNoise.Contradictions([.. pairs.Select(p => p.A)], [.. pairs.Select(p => p.B)], [.. pairs.Select(p => p.Same)]))
        {
            var (a, b) = (pairs[i].A, pairs[i].B);
            if (a != b && !listedAsSame.Contains((Math.Min(a, b), Math.Max(a, b))))
                Problems.Add(DataProblemKind.ContradictoryLabel, places[i],
                    $"'{_images[a].Name}' and '{_images[b].Name}' are listed as different people, "
                    + "and other pairs of the list make them the same person");
        }
    }

    bool FoldersAreMostlyPeople()
    {
        int known = 0, agreeing = 0;
        foreach (var (_, _, same, a, b) in _pairs)
        {
            if (a == Missing || b == Missing) continue;
            if (_images[a].Person is not { } personA || _images[b].Person is not { } personB) return false;
            known++;
            if ((personA == personB) == same) agreeing++;
        }
        return known > 0 && agreeing >= AgreementOfFolders * known;
    }

    void FindLeaks(List<DataPair> pairs)
    {
        var foldOf = new Dictionary<string, int>(StringComparer.Ordinal);
        var reported = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            foreach (var image in (ReadOnlySpan<int>)[pair.A, pair.B])
            {
                if (_images[image].Person is not { } person || foldOf.TryAdd(person, pair.Fold)
                    || foldOf[person] == pair.Fold || !reported.Add(person))
                    continue;
                Problems.Add(DataProblemKind.FoldLeak, list, $"'{person}' is in fold {foldOf[person]} and in fold {pair.Fold}");
            }
        }
    }
}
