using EdgeFace.Models;

namespace EdgeFace;

/// <summary>
/// Whether a recogniser does anything at all: weights can be whole, finite and useless. It says nothing of how well it tells people apart.
/// </summary>
static class RecogniserCheck
{
    // Networks of random weights stay well below it, a network whose output is constant but for rounding does not.
    const double Alike = 0.999999;

    /// <summary>Embeds patterns, twice.</summary>
    /// <exception cref="ModelFormatException">An embedding has no direction, all are alike, or they differ from run to run.</exception>
    public static void Run(ModelFile model)
    {
        using var embedder = new FaceEmbedder(model, new() { BatchThreads = 1 });
        byte[] crops =
        [
            .. Crop((x, y) => 2 * x),
            .. Crop((x, y) => 2 * y),
            .. Crop((x, y) => (x / 16 + y / 16) % 2 * 255),
            .. Crop((x, y) => x * y),
        ];
        var count = crops.Length / FaceEmbedder.CropBytes;
        float[] first = new float[count * EdgeFaceConfig.EmbeddingSize], second = new float[first.Length];
        try
        {
            embedder.EmbedBatch(crops, count, first);
            for (var i = 0; i < count; i++) embedder.Embed(crops.AsSpan(i * FaceEmbedder.CropBytes, FaceEmbedder.CropBytes), Of(second, i));
        }
        catch (DegenerateEmbeddingException e)
        {
            throw new ModelFormatException(model.Source, null, "weights that give embeddings", e.Message, e);
        }
        if (!first.AsSpan().SequenceEqual(second))
            throw new ModelFormatException(model.Source, null, "the same embedding of one crop each time", "another one each time");
        var least = Enumerable.Range(1, count - 1).Min(i => Embedding.Dot(Of(first, 0), Of(first, i)));
        if (least >= Alike)
            throw new ModelFormatException(model.Source, null, "embeddings that differ from crop to crop",
                "the same one for every crop: the weights tell nobody apart");
    }

    /// <summary>A grey crop of a formula.</summary>
    static byte[] Crop(Func<int, int, int> value)
    {
        var crop = new byte[FaceEmbedder.CropBytes];
        for (var i = 0; i < crop.Length; i++) crop[i] = (byte)value(i / 3 % FaceEmbedder.CropSize, i / 3 / FaceEmbedder.CropSize);
        return crop;
    }

    static Span<float> Of(float[] embeddings, int i) => embeddings.AsSpan(i * EdgeFaceConfig.EmbeddingSize, EdgeFaceConfig.EmbeddingSize);
}
