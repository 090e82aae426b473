using EdgeFace.Evaluation.Data;
using EdgeFace.Training.Data;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;
using EdgeFace.Weights;

namespace EdgeFace.Training.Detection;

/// <summary>
/// Decoded pictures to train a detector on: of lists of annotated faces, without what such a list gives to another set than <c>train</c>, and of
/// folders, without what is held out. In a <see cref="DecodedCache"/>; any number of threads may read at once.
/// </summary>
sealed unsafe class PictureStore : IDisposable
{
    const int Chunk = 256, MostSide = 1600;
    const string SetField = "set", TrainSet = "train", List = "faces.jsonl";

    readonly List<MappedFile> _files = [];
    readonly List<Picture> _pictures = [];
    readonly List<(int Picture, int Face)> _faces = [];

    // Full paths of pictures that no folder may bring in.
    readonly HashSet<string> _heldOut = new(StringComparer.Ordinal);

    PictureStore() { }

    /// <summary>How many pictures there are.</summary>
    public int Count => _pictures.Count;

    public Picture this[int index] => _pictures[index];

    /// <summary>Every annotated face: its picture and its place there.</summary>
    public IReadOnlyList<(int Picture, int Face)> Faces => _faces;

    /// <param name="lists">Lists of annotated faces, or folders with a faces.jsonl.</param>
    /// <param name="folders">Folders of pictures without annotations.</param>
    /// <param name="heldOut">Pictures that are measured on: left out of folders, as those are that a list gives to another set.</param>
    /// <exception cref="DataSetException">A source cannot be read, or has no picture to train on.</exception>
    public static PictureStore Open(IReadOnlyList<string> lists, IReadOnlyList<string> folders, string cache, Action<string> report,
        IEnumerable<DataImage>? heldOut = null, CancellationToken stop = default)
    {
        var store = new PictureStore();
        try
        {
            Directory.CreateDirectory(cache);
            store.HoldOut(heldOut ?? []);
            foreach (var list in lists) store.AddList(Directory.Exists(list) ? Path.Combine(list, List) : list, cache, report, stop);
            foreach (var folder in folders) store.AddFolder(folder, cache, report, stop);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    void AddList(string list, string cache, Action<string> report, CancellationToken stop)
    {
        var all = AnnotatedPictures.Read(list).Pictures;
        AnnotatedPicture[] pictures = [.. all.Where(p => !p.Fields.TryGetValue(SetField, out var set) || set == TrainSet)];
        HoldOut(all.Except(pictures).Select(p => p.Image));
        if (pictures.Length < all.Count) report($"{list}: {all.Count - pictures.Length} pictures of other sets than '{TrainSet}' are left out");
        Add(list, [.. pictures.Select(p => p.Image)], i => [.. pictures[i].Faces.Select(KnownFace.Of).OfType<KnownFace>()], cache, report, stop);
    }

    void HoldOut(IEnumerable<DataImage> images) => _heldOut.UnionWith(images.Select(i => i.Path).OfType<string>().Select(Path.GetFullPath));

    void AddFolder(string folder, string cache, Action<string> report, CancellationToken stop)
    {
        if (!Directory.Exists(folder))
            throw new DataSetException(folder, null, "a folder of pictures", "nothing there") { Kind = ErrorKind.Request };
        string[] all = [.. new PictureWalk(DataSetOptions.Default).Deep(folder).Order(StringComparer.Ordinal)];
        string[] paths = [.. all.Where(p => !_heldOut.Contains(Path.GetFullPath(p)))];
        if (paths.Length < all.Length) report($"{folder}: {all.Length - paths.Length} pictures that are measured on are left out");
        Add(folder, [.. paths.Select(p => new FileImage(Path.GetRelativePath(folder, p), null, p))], _ => [], cache, report, stop);
    }

    void Add(string source, DataImage[] images, Func<int, KnownFace[]> facesOf, string cache, Action<string> report, CancellationToken stop)
    {
        if (images.Length == 0) throw new DataSetException(source, null, $"pictures of the set '{TrainSet}', or of none", "none");
        var (file, known) = DecodedCache.Open(source, images, cache, "pixels", "sides", stream => Decode(source, images, stream, report, stop));
        _files.Add(file);
        if (known.Length != 3 * images.Length)
            throw new DataSetException(source, null, $"the sides of {images.Length} pictures", $"{known.Length} numbers; empty the cache folder");
        var at = 0L;
        int first = Count;
        for (var i = 0; i < images.Length; i++)
        {
            int width = known[3 * i], height = known[3 * i + 1], factor = known[3 * i + 2];
            if (width == 0) continue;
            var faces = facesOf(i);
            var reduced = new Affine(1.0 / factor, 0, 0.5 / factor - 0.5, 0, 1.0 / factor, 0.5 / factor - 0.5);
            if (factor > 1) faces = [.. faces.Select(f => f.Moved(reduced))];
            for (var f = 0; f < faces.Length; f++) _faces.Add((Count, f));
            _pictures.Add(new((nint)(file.Pointer + at), width, height, faces));
            at += 3L * width * height;
        }
        if (at != file.Length)
            throw new DataSetException(source, null, $"{at} decoded bytes", $"{file.Length} in the cache; empty its folder");
        report($"{source}: {Count - first} pictures");
    }

    /// <summary>Width, height and reducing factor of each picture; zeros where it cannot be decoded.</summary>
    static int[] Decode(string source, DataImage[] images, Stream stream, Action<string> report, CancellationToken stop)
    {
        var sizes = new int[3 * images.Length];
        var pixels = new (byte[] Bytes, int Width, int Height, int Factor)[Chunk];
        var left = 0;
        for (var from = 0; from < images.Length; from += Chunk)
        {
            stop.ThrowIfCancellationRequested();
            var count = Math.Min(Chunk, images.Length - from);
            Parallel.For(0, count, i => pixels[i] = Read(images[from + i]));
            for (var i = 0; i < count; i++)
            {
                var (bytes, width, height, factor) = pixels[i];
                stream.Write(bytes);
                (sizes[3 * (from + i)], sizes[3 * (from + i) + 1], sizes[3 * (from + i) + 2]) = (width, height, factor);
                if (width == 0) left++;
            }
        }
        if (left == images.Length) throw new DataSetException(source, null, "pictures", "none that can be decoded");
        if (left > 0) report($"{source}: {left} pictures left out: unreadable");
        return sizes;
    }

    static (byte[] Bytes, int Width, int Height, int Factor) Read(DataImage image)
    {
        try
        {
            var picture = ImageCodec.Decode(image.Read(), source: image.Name);
            var factor = (Math.Max(picture.Width, picture.Height) + MostSide - 1) / MostSide;
            int width = picture.Width / factor, height = picture.Height / factor;
            if (width == 0 || height == 0) return ([], 0, 0, 1);
            return (CutOut.Reduced(picture, 0, 0, width, height, factor).Pixels.ToArray(), width, height, factor);
        }
        catch (EdgeFaceException e) when (e.Kind == ErrorKind.Input)
        {
            return ([], 0, 0, 1);
        }
    }

    public void Dispose()
    {
        foreach (var file in _files) file.Dispose();
    }
}
