using EdgeFace.Evaluation.Data;
using EdgeFace.Vision;
using EdgeFace.Weights;

namespace EdgeFace.Training.Data;

/// <summary>
/// Decoded crops of several sources, one after another, in a <see cref="DecodedCache"/>. Any number of threads may read at once.
/// </summary>
sealed unsafe class CropStore : IDisposable
{
    // Origins: for each crop the number of its person, or -1, and that of its picture in the set.
    const int Chunk = 512, Origins = 2;

    readonly List<(MappedFile File, int Count)> _parts = [];
    readonly List<int> _people = [];
    readonly List<CropName>? _names;

    CropStore(bool withNames) => _names = withNames ? [] : null;

    /// <summary>How many crops there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many people there are, where they are asked for.</summary>
    public int PeopleCount { get; private set; }

    /// <summary>The person of each crop, from 0, where they are asked for; -1 of crops beside them. Two sources have no person in common.</summary>
    public IReadOnlyList<int> People => _people;

    /// <summary>What each crop is called, where that is asked for.</summary>
    public IReadOnlyList<CropName> Names => _names ?? [];

    /// <summary>Opens RecordIO files, folders with a folder for each person, and lists of people and images; all pictures are crops of 112 x
    /// 112.</summary>
    /// <param name="cache">A folder for the decoded crops.</param>
    /// <param name="report">Is told what was decoded, and what was left out.</param>
    /// <param name="withPeople">Whether the people are asked for: each crop has to have one.</param>
    /// <param name="beside">Sources of more crops, behind the others, of whom nobody asks who they are.</param>
    /// <param name="withNames">Whether names are asked for.</param>
    /// <exception cref="DataSetException">A source cannot be read, or has no crop.</exception>
    public static CropStore Open(IReadOnlyList<string> sources, string cache, Action<string> report, bool withPeople = false,
        IReadOnlyList<string>? beside = null, bool withNames = false, CancellationToken stop = default)
    {
        var store = new CropStore(withNames);
        try
        {
            Directory.CreateDirectory(cache);
            foreach (var source in sources) store.Add(source, cache, report, withPeople, stop);
            foreach (var source in beside ?? []) store.Add(source, cache, report, withPeople: false, stop);
            if (withPeople) store._people.AddRange(Enumerable.Repeat(-1, store.Count - store._people.Count));
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>A crop: 112 x 112 x 3 bytes.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            foreach (var (file, count) in _parts)
            {
                if (index < count) return new(file.Pointer + (long)index * FaceEmbedder.CropBytes, FaceEmbedder.CropBytes);
                index -= count;
            }
            throw new ArgumentOutOfRangeException(nameof(index));
        }
    }

    void Add(string source, string cache, Action<string> report, bool withPeople, CancellationToken stop)
    {
        if (!Path.Exists(source))
            throw new DataSetException(source, null, "a file or folder of crops", "nothing there") { Kind = ErrorKind.Request };
        using var set = PeopleSource.Open(source);
        var (file, numbers) = DecodedCache.Open(source, set.Images, cache, "crops", "origins", stream => Decode(set, stream, report, stop));
        var count = (int)(file.Length / FaceEmbedder.CropBytes);
        _parts.Add((file, count));
        if (numbers.Length != count * Origins)
            throw new DataSetException(source, null, $"the origins of {count} decoded crops", $"{numbers.Length} numbers; empty the cache folder");
        Count += count;
        if (withPeople) AddPeople(source, numbers);
        for (var i = 0; _names is not null && i < count; i++)
        {
            var (person, image) = (numbers[Origins * i], set.Images[numbers[Origins * i + 1]]);
            // Numbers of RecordIO name nobody outside it.
            _names.Add(new($"{Path.GetFileName(source.TrimEnd('/'))}/{image.Name}", image.Path is null ? null : image.Person,
                person < 0 ? null : (long)_parts.Count << 32 | (uint)person));
        }
        report($"{source}: {count} crops");
    }

    void AddPeople(string source, int[] numbers)
    {
        // Numbered anew: of some people every picture may have been left out.
        var known = new Dictionary<int, int>();
        for (var i = 0; i < numbers.Length; i += Origins)
        {
            var person = numbers[i];
            if (person < 0)
                throw new DataSetException(source, null, "a person for each crop", "crops of nobody known; labels of RecordIO are 0 or more");
            if (known.TryAdd(person, PeopleCount)) PeopleCount++;
            _people.Add(known[person]);
        }
    }

    /// <summary>Writes the crops, and gives their origins.</summary>
    static int[] Decode(DataSet set, Stream stream, Action<string> report, CancellationToken stop)
    {
        var crops = new byte[Chunk][];
        var origins = new List<int>();
        int left = 0, written = 0;
        for (var from = 0; from < set.Images.Count; from += Chunk)
        {
            stop.ThrowIfCancellationRequested();
            var count = Math.Min(Chunk, set.Images.Count - from);
            Parallel.For(0, count, i => crops[i] = CropOf(set.Images[from + i])!);
            for (var i = 0; i < count; i++)
            {
                if (crops[i] is null)
                {
                    left++;
                    continue;
                }
                stream.Write(crops[i]);
                origins.AddRange([set.PersonOf[from + i], from + i]);
            }
            written += count;
            if (from % (40 * Chunk) == 0 && from > 0) report($"{set.Source}: {written} of {set.Images.Count} pictures decoded");
        }
        if (left == set.Images.Count)
            throw new DataSetException(set.Source, null, $"crops of {FaceEmbedder.CropSize} x {FaceEmbedder.CropSize}", "none that can be used");
        if (left > 0) report($"{set.Source}: {left} pictures left out: unreadable, or not {FaceEmbedder.CropSize} x {FaceEmbedder.CropSize}");
        return [.. origins];
    }

    /// <summary>The bytes of a picture; null where it is unreadable or no crop.</summary>
    public static byte[]? CropOf(DataImage image)
    {
        try
        {
            var picture = ImageCodec.Decode(image.Read(), source: image.Name);
            return picture is { Width: FaceEmbedder.CropSize, Height: FaceEmbedder.CropSize } ? picture.Pixels.ToArray() : null;
        }
        catch (EdgeFaceException e) when (e.Kind == ErrorKind.Input)
        {
            return null;
        }
    }

    public void Dispose()
    {
        foreach (var (file, _) in _parts) file.Dispose();
    }
}
