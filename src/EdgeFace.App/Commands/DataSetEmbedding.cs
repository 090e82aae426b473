using EdgeFace.Evaluation.Data;
using EdgeFace.Evaluation.Results;
using EdgeFace.Models;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary>Embeds the images of data sets; of several faces in one the largest, as the photographs of these sets are of one person.</summary>
static class DataSetEmbedding
{
    /// <summary>One embedding for each image; <paramref name="raw"/>: as the network gives it, not scaled to length 1.</summary>
    public static EmbeddedImages Compute(Terminal terminal, string what, DataSet set, FacePipeline pipeline, bool raw)
        => Run(terminal, what, set, pipeline, EdgeFaceConfig.EmbeddingSize, (found, target) =>
        {
            if (raw)
            {
                pipeline.Embedder.Embed(found.Crop.Span, target, normalise: false);
                Embedding.Length(target, pipeline.Contract.Model);
                return null;
            }
            var embedding = pipeline.Embed(found);
            embedding.Vector.CopyTo(target);
            return pipeline.Gate.IsFitted ? (float)pipeline.Judge(found, embedding).Score : null;
        });

    /// <summary>
    /// Both kinds of embeddings of each image from one pass: of the crop, and the mirror sum. The pipeline is one without mirror sum.
    /// </summary>
    public static (EmbeddedImages OneCrop, EmbeddedImages MirrorSum) ComputeBoth(Terminal terminal, string what, DataSet set, FacePipeline pipeline)
    {
        var both = Run(terminal, what, set, pipeline, 2 * EdgeFaceConfig.EmbeddingSize, (found, target) =>
        {
            EmbedBoth(pipeline.Embedder, found.Crop.Span, target);
            return null;
        });
        return (both.Part(0, EdgeFaceConfig.EmbeddingSize), both.Part(EdgeFaceConfig.EmbeddingSize, EdgeFaceConfig.EmbeddingSize));
    }

    /// <summary>The embedding of a crop and, behind it, its mirror sum, from two runs of the network instead of three.</summary>
    internal static void EmbedBoth(FaceEmbedder embedder, ReadOnlySpan<byte> crop, Span<float> target)
    {
        const int size = FaceEmbedder.CropSize;
        var crops = new byte[2 * FaceEmbedder.CropBytes];
        crop.CopyTo(crops);
        for (var y = 0; y < size; y++)
            for (var x = 0; x < size; x++)
                crop.Slice((y * size + size - 1 - x) * 3, 3).CopyTo(crops.AsSpan(FaceEmbedder.CropBytes + (y * size + x) * 3));
        embedder.EmbedBatch(crops, 2, target, normalise: false);
        Span<float> one = target[..EdgeFaceConfig.EmbeddingSize], mirror = target[EdgeFaceConfig.EmbeddingSize..];
        for (var i = 0; i < mirror.Length; i++) mirror[i] = one[i] + mirror[i];
        Embedding.Normalise(one, embedder.Card.Name);
        Embedding.Normalise(mirror, embedder.Card.Name);
    }

    /// <summary>A crop as PNG to look at, or null where there is none.</summary>
    public static (byte[] Bytes, string MediaType)? Thumbnail(FacePipeline pipeline, DataImage image)
    {
        try
        {
            var crop = new RgbImage(FaceEmbedder.CropSize, FaceEmbedder.CropSize, Crop(pipeline, image).Crop.ToArray());
            return (ImageCodec.EncodePng(crop), "image/png");
        }
        catch (Exception e) when (Problem.OfItem(e) is { })
        {
            return null;
        }
    }

    /// <summary>Crops of images that gave an embedding.</summary>
    public static RgbImage[] Crops(FacePipeline pipeline, DataSet set, IReadOnlyList<int> images, Action step) =>
    [
        .. images.AsParallel().AsOrdered().Select(i =>
        {
            var crop = Crop(pipeline, set.Images[i]).Crop;
            step();
            return new RgbImage(FaceEmbedder.CropSize, FaceEmbedder.CropSize, crop.ToArray());
        }),
    ];

    /// <summary>Writes the embedding of a crop and returns the gate's score of it, where that is wanted.</summary>
    delegate float? EmbedCrop(FoundCrop found, Span<float> target);

    static EmbeddedImages Run(Terminal terminal, string what, DataSet set, FacePipeline pipeline, int dimension, EmbedCrop embed)
        => terminal.WithProgress(what, set.Images.Count, step => EmbeddedImages.Compute(set.Images, dimension, (image, target) =>
        {
            try
            {
                var found = Crop(pipeline, image);
                var score = embed(found, target);
                return new(null, found.Analyzed?.Face.Score, score);
            }
            catch (Exception e) when (Problem.OfItem(e) is { } problem)
            {
                return new(problem.Message);
            }
        }, step));

    static FoundCrop Crop(FacePipeline pipeline, DataImage image)
    {
        using var picture = ImageCodec.Lease(image.Read(), default, image.Name);
        return pipeline.Crop(picture.Image, FaceChoice.Largest, image.Name, image.Face is { } face ? Listed(face.Landmarks) : null);
    }

    static Landmarks Listed(IReadOnlyList<float> l) => new(new(l[0], l[1]), new(l[2], l[3]), new(l[4], l[5]), new(l[6], l[7]), new(l[8], l[9]));
}
