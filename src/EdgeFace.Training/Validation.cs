using System.Runtime.ExceptionServices;
using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Models;
using EdgeFace.Vision;

namespace EdgeFace.Training;

/// <summary>
/// Measures a network by EdgeFace's own evaluation on crops of 112 x 112 with pairs: agreement with the teacher on 600 of them, accuracy, and, where
/// the set tells of every crop whom it shows, FNMR over all pairs.
/// </summary>
sealed class Validation
{
    const int AgreementCrops = 600;
    const double Fmr = 1e-4;

    readonly byte[] _crops;
    readonly int _count;
    readonly IReadOnlyList<DataPair> _pairs;
    readonly IReadOnlyList<int>? _people;
    readonly int[] _agreement;
    readonly float[] _teacher;

    /// <param name="set">Is read whole, and may be closed afterwards.</param>
    /// <param name="teacher">Null where there is none to agree with.</param>
    /// <exception cref="DataSetException">A picture is no crop, there are too many, or the pairs are of one fold.</exception>
    public Validation(DataSet set, FaceEmbedder? teacher)
    {
        (_count, _pairs, _people) = (set.Images.Count, set.Pairs, set.PersonOf.Contains(-1) ? null : set.PersonOf);
        if (_count > Array.MaxLength / FaceEmbedder.CropBytes)
            throw new DataSetException(set.Source, null, $"at most {Array.MaxLength / FaceEmbedder.CropBytes} crops", $"{_count}");
        if (_pairs.Select(p => p.Fold).Distinct().Take(2).Count() < 2)
            throw new DataSetException(set.Source, null, "pairs of two folds or more, as a threshold is chosen on the others",
                $"{_pairs.Count} of one");
        _crops = new byte[_count * FaceEmbedder.CropBytes];
        try
        {
            Parallel.For(0, _count, i => Decode(set, i).CopyTo(_crops.AsSpan(i * FaceEmbedder.CropBytes)));
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<EdgeFaceException>().FirstOrDefault() is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }
        // The same crops in every run on one set: evenly over their names.
        int[] byName = [.. Enumerable.Range(0, _count).OrderBy(i => set.Images[i].Name, StringComparer.Ordinal)];
        var chosen = teacher is null ? 0 : Math.Min(AgreementCrops, _count);
        _agreement = [.. Enumerable.Range(0, chosen).Select(i => byName[(int)((long)i * _count / chosen)])];
        _teacher = [.. _agreement.SelectMany(i =>
        {
            var vector = new float[EdgeFaceConfig.EmbeddingSize];
            teacher!.Embed(Crop(i), vector);
            return vector;
        })];
    }

    static ReadOnlySpan<byte> Decode(DataSet set, int index)
    {
        var image = set.Images[index];
        var picture = ImageCodec.Decode(image.Read(), source: $"{set.Source}: {image.Name}");
        return picture is { Width: FaceEmbedder.CropSize, Height: FaceEmbedder.CropSize } ? picture.Pixels
            : throw new DataSetException(set.Source, image.Name, "a crop of 112 x 112", $"{picture.Width} x {picture.Height}");
    }

    /// <summary>Measures a model.</summary>
    public ValidationFigures Measure(ModelFile model, int threads)
    {
        using var embedder = new FaceEmbedder(model, new EmbedderOptions { BatchThreads = threads });
        var vectors = new float[_count * EdgeFaceConfig.EmbeddingSize];
        embedder.EmbedBatch(_crops, _count, vectors);
        ReadOnlySpan<float> Vector(int i) => vectors.AsSpan(i * EdgeFaceConfig.EmbeddingSize, EdgeFaceConfig.EmbeddingSize);

        // Of unit vectors the cosine follows from the distance.
        double[] cosines = [.. _agreement.Select((crop, i) => 1 - PairsProtocol.SquaredDistance(Vector(crop), Teacher(i)) / 2).Order()];
        double[] distances = [.. _pairs.Select(p => PairsProtocol.SquaredDistance(Vector(p.A), Vector(p.B)))];
        var pairs = PairsProtocol.Run(distances, [.. _pairs.Select(p => p.Same)], [.. _pairs.Select(p => p.Fold)]);
        var fnmr = _people is null ? null
            : AllPairs.Score(vectors, EdgeFaceConfig.EmbeddingSize, _people, options: new AllPairsOptions { Threads = threads })
                .AtFmr([Fmr])[0].Fnmr.Value;
        return cosines is [] ? new(null, null, pairs.Accuracy, fnmr) : new(cosines.Average(), cosines[cosines.Length / 10], pairs.Accuracy, fnmr);
    }

    ReadOnlySpan<float> Teacher(int i) => _teacher.AsSpan(i * EdgeFaceConfig.EmbeddingSize, EdgeFaceConfig.EmbeddingSize);

    ReadOnlySpan<byte> Crop(int i) => _crops.AsSpan(i * FaceEmbedder.CropBytes, FaceEmbedder.CropBytes);
}
