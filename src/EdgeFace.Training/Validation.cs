using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Vision;

namespace EdgeFace.Training;

/// <summary>
/// Measures a network by EdgeFace's own evaluation on a folder of crops with a list of pairs (<c>pairs.csv</c>): agreement with the teacher on 600
/// crops, accuracy, and FNMR over all pairs.
/// </summary>
sealed class Validation
{
    const string List = "pairs.csv";
    const int AgreementCrops = 600;
    const double Fmr = 1e-4;

    readonly byte[] _crops;
    readonly int _count;
    readonly IReadOnlyList<DataPair> _pairs;
    readonly IReadOnlyList<int> _people;
    readonly int[] _agreement;
    readonly float[] _teacher;

    /// <param name="teacher">Null where there is none to agree with.</param>
    /// <exception cref="DataSetException">The folder or list cannot be read, or a picture is no crop.</exception>
    public Validation(string folder, FaceEmbedder? teacher)
    {
        using var set = PairsList.Read(Path.Combine(folder, List), folder);
        set.RequirePeople();
        (_count, _pairs, _people) = (set.Images.Count, set.Pairs, set.PersonOf);
        if (_count > Array.MaxLength / FaceEmbedder.CropBytes)
            throw new DataSetException(folder, null, $"at most {Array.MaxLength / FaceEmbedder.CropBytes} crops", $"{_count}");
        _crops = new byte[_count * FaceEmbedder.CropBytes];
        Parallel.For(0, _count, i =>
        {
            var picture = ImageCodec.Decode(set.Images[i].Read(), source: set.Images[i].Name);
            if (picture.Pixels.Length != FaceEmbedder.CropBytes || picture.Width != FaceEmbedder.CropSize)
                throw new DataSetException(folder, set.Images[i].Name, "a crop of 112 x 112", $"{picture.Width} x {picture.Height}");
            picture.Pixels.CopyTo(_crops.AsSpan(i * FaceEmbedder.CropBytes));
        });
        // The same crops in every run on one folder: evenly over their names.
        int[] byName = [.. Enumerable.Range(0, _count).OrderBy(i => set.Images[i].Name, StringComparer.Ordinal)];
        var chosen = teacher is null ? 0 : Math.Min(AgreementCrops, _count);
        _agreement = [.. Enumerable.Range(0, chosen).Select(i => byName[(int)((long)i * _count / chosen)])];
        _teacher = [.. _agreement.SelectMany(i =>
        {
            var vector = new float[FaceEmbedder.Dimension];
            teacher!.Embed(Crop(i), vector);
            return vector;
        })];
    }

    /// <summary>Measures a model.</summary>
    public ValidationFigures Measure(ModelFile model, int threads)
    {
        using var embedder = new FaceEmbedder(model, new EmbedderOptions { BatchThreads = threads });
        var vectors = new float[_count * FaceEmbedder.Dimension];
        embedder.EmbedBatch(_crops, _count, vectors);
        ReadOnlySpan<float> Vector(int i) => vectors.AsSpan(i * FaceEmbedder.Dimension, FaceEmbedder.Dimension);

        // Of unit vectors the cosine follows from the distance.
        double[] cosines = [.. _agreement.Select((crop, i) => 1 - PairsProtocol.SquaredDistance(Vector(crop), Teacher(i)) / 2).Order()];
        double[] distances = [.. _pairs.Select(p => PairsProtocol.SquaredDistance(Vector(p.A), Vector(p.B)))];
        var pairs = PairsProtocol.Run(distances, [.. _pairs.Select(p => p.Same)], [.. _pairs.Select(p => p.Fold)]);
        var all = AllPairs.Score(vectors, FaceEmbedder.Dimension, _people, options: new AllPairsOptions { Threads = threads });
        var fnmr = all.AtFmr([Fmr])[0].Fnmr.Value;
        return cosines is [] ? new(null, null, pairs.Accuracy, fnmr) : new(cosines.Average(), cosines[cosines.Length / 10], pairs.Accuracy, fnmr);
    }

    ReadOnlySpan<float> Teacher(int i) => _teacher.AsSpan(i * FaceEmbedder.Dimension, FaceEmbedder.Dimension);

    ReadOnlySpan<byte> Crop(int i) => _crops.AsSpan(i * FaceEmbedder.CropBytes, FaceEmbedder.CropBytes);
}
