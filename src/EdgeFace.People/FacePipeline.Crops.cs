using EdgeFace.Vision;

namespace EdgeFace.People;

/// <remarks>Crops that are made first and embedded together.</remarks>
public sealed partial class FacePipeline
{
    /// <summary>The embedding of a crop that <see cref="Crop"/> gave.</summary>
    internal Embedding Embed(FoundCrop crop) => Embed([crop])[0];

    /// <summary>The embeddings of crops that <see cref="Crop"/> gave: together they take less time than one by one.</summary>
    internal IReadOnlyList<Embedding> Embed(IReadOnlyList<FoundCrop> crops)
        => crops.All(c => c.Analyzed is not null) ? [.. crops.Select(c => c.Analyzed!.Embedding)]
            : [.. Analyzer.AnalyzeCrops([.. crops.Select(c => c.Crop)]).Select(c => c.Embedding)];

    /// <summary>What the gate says of a crop that <see cref="Crop"/> gave, with its embedding.</summary>
    internal GateJudgement Judge(FoundCrop crop, Embedding embedding) => crop.Analyzed?.Gate ?? Gate.Judge(embedding, crop.Crop.Span);

    /// <summary>
    /// The crop of the face that is meant, or at the landmarks that are listed for a picture, or the picture itself where it is a crop; and the
    /// face, where one was detected.
    /// </summary>
    internal FoundCrop Crop(RgbImage image, FaceChoice choice, string name, Landmarks? listed = null)
    {
        switch (Options.Input)
        {
            case AnalyzerInput.Crops:
                return new(FaceAnalyzer.Crop(image, name));
            case AnalyzerInput.ListedLandmarks:
                return new(Analyzer.Crop(image, listed ?? throw new InputException($"{name}: no landmarks are listed for this picture"), name));
            default:
                var found = Analyzer.Single(image, choice, name);
                return new(found.Crop, found);
        }
    }
}
