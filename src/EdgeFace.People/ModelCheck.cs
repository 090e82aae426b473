using System.Reflection;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>
/// Whether a model does what its kind does: a recogniser tells pictures apart, a detector or a refiner finds the face of a portrait together with
/// the embedded other one, where it needs one.
/// </summary>
static class ModelCheck
{
    const string Portrait = "portrait.jpg";

    // How much of the face's box and the found one must be common to both.
    const double LeastOverlap = 0.7;

    /// <summary>Where the face of the portrait is.</summary>
    static readonly Box Face = new(79, 114, 210, 267);

    /// <summary>Whether it is of a kind whose work is known here.</summary>
    public static bool Knows(ModelFile model) => model.Card.Kind is "recogniser" or "detector" or "refiner";

    /// <summary>Checks the file, and the model at work.</summary>
    /// <exception cref="ModelFormatException">The file does not hold what it should, or the model does not work.</exception>
    public static void Run(ModelFile model)
    {
        if (!Knows(model))
            throw new ModelFormatException(model.Source, null, "a recogniser, a detector or a refiner", $"a model of kind '{model.Card.Kind}'");
        model.Verify();
        switch (model.Card.Kind)
        {
            case "detector":
                using (var faces = OpenDetector(model)) FindFace(model, faces);
                break;
            case "refiner":
                using (var detector = DefaultModels.OpenDetector())
                using (var faces = new FaceDetector(detector, model)) FindFace(model, faces);
                break;
            default:
                CompareWithReference(model);
                break;
        }
    }

    static FaceDetector OpenDetector(ModelFile model)
    {
        if (!FaceDetector.TakesRefiner(model)) return new FaceDetector(model);
        using var refiner = DefaultModels.OpenRefiner();
        return new FaceDetector(model, refiner);
    }

    static void FindFace(ModelFile checkedModel, FaceDetector faces)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Portrait)
            ?? throw new InvalidOperationException("the self-test's portrait is missing from this build");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        using var portrait = ImageCodec.Lease(bytes.ToArray(), default, Portrait);
        var found = faces.Detect(portrait.Image);
        const string expected = "weights that find the one face of the self-test's portrait";
        if (found is not [var face]) throw new ModelFormatException(checkedModel.Source, null, expected, $"{found.Count} faces");
        if (!(face.Box.IntersectionOverUnion(Face) >= LeastOverlap))
            throw new ModelFormatException(checkedModel.Source, null, expected, "one elsewhere");
    }

    /// <summary>Of the default recogniser's weights the right values are known.</summary>
    static void CompareWithReference(ModelFile model)
    {
        using var known = DefaultModels.OpenRecogniser();
        if (model.WeightsSha256 != known.WeightsSha256) return;
        using var embedder = new FaceEmbedder(model);
        if (!SelfTest.Run(embedder).Passed) throw new InputException(SelfTest.Failure);
    }
}
