using System.CommandLine;
using EdgeFace.Evaluation;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary>The options that several commands share, each with one name and one meaning.</summary>
static class CommonOptions
{
    public static Option<string?> Model() => new("--model")
    {
        Description = "Recogniser: a name from 'edgeface models list', or a file (.efw, .safetensors, .pt). Default: the embedded one.",
        HelpName = "NAME|FILE",
    };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document (docs/cli.md) instead of text." };

    public static Option<bool> MirrorSum() => new("--mirror-sum")
    {
        Description = "Add the embedding of the crop's mirror image: twice the time, fewer misses.",
    };

    public static Option<bool> Aligned() => new("--aligned") { Description = "The pictures are aligned 112 x 112 crops: no detection." };

    public static Option<int> MinFace() => new Option<int>("--min-face")
    {
        Description = "Search for faces down to this many pixels wide, and leave out narrower ones. Larger is faster on large pictures. "
            + "Without it: down to 24, and whatever is found counts.",
        HelpName = "PIXELS",
    }.In(NumberRange.Positive<int>());

    public static Option<bool> AnyOrientation() => new("--any-orientation")
    {
        Description = "Search every picture turned by 90, 180 and 270 degrees too, at every size. Without it: only where nothing was found upright.",
    };

    public static Option<bool> FollowLinks() => new("--follow-links") { Description = "In folders, read those too that links lead to." };

    public static Option<string?> Detector() => new("--detector")
    {
        Description = "Face detector: a file (YuNet's .onnx or .efw, or a first stage for the embedded refiner). Default: the embedded one.",
        HelpName = "NAME|FILE",
    };

    /// <summary>Opens what the options of a command say; where landmarks are listed nothing is detected.</summary>
    public static FacePipeline OpenPipeline(
        string? model, bool aligned, bool mirrorSum, int minFace, string? detector = null, bool landmarksListed = false)
        => FacePipeline.Open(new()
        {
            Model = model ?? ModelCatalogue.DefaultRecogniser,
            Detector = detector ?? ModelCatalogue.DefaultDetector,
            Input = aligned ? AnalyzerInput.Crops : landmarksListed ? AnalyzerInput.ListedLandmarks : AnalyzerInput.Photos,
            MirrorSum = mirrorSum,
            MinFaceSize = minFace,
        });

    /// <summary>Opens the detector that the options of a command say.</summary>
    public static FaceDetector OpenDetector(string? detector, int minFace, float minScore = 0, bool anyOrientation = false)
        => DetectorModels.OpenDetector(new()
        {
            Detector = detector ?? ModelCatalogue.DefaultDetector,
            MinFaceSize = minFace,
            MinScore = minScore == 0 ? null : minScore,
            AnyOrientation = anyOrientation,
        });

    public static Option<string?> Face(string otherwise) => new("--face")
    {
        Description = $"Which face where a picture shows several: 'largest', or a number from 0 in the order of 'edgeface detect'. {otherwise}",
        HelpName = "largest|N",
    };

    public static FaceChoice Choice(string? face) => face switch
    {
        null => FaceChoice.Only,
        "largest" => FaceChoice.Largest,
        _ when NumberRange.FromZero<int>().Read(face) is { } index => FaceChoice.At(index),
        _ => throw new UsageException($"--face is 'largest' or a number from 0, not '{face}'."),
    };

    public static Option<long[]> GallerySize() => new Option<long[]>("--gallery-size")
    {
        Description = "People in a gallery, to tell the FPIR to expect of a search in it; several times for several sizes. "
            + "Default: 100, 1000 and 10000.",
        HelpName = "N",
    }.In(NumberRange.Positive<long>());

    public static IReadOnlyList<long> Galleries(this ParseResult parsed, Option<long[]> option)
        => parsed.GetValue(option) is { Length: > 0 } given ? [.. given.Distinct().Order()] : ExpectedFpir.UsualGalleries;
}
