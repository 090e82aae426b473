using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>The model files of a detector, and how it searches.</summary>
sealed record DetectorModels(ModelFile Detector, ModelFile? Refiner, DetectorOptions Options) : IDisposable
{
    /// <summary>The detector of these options; where it brings a refiner of its own, with that.</summary>
    /// <exception cref="ModelFormatException">It is no detector.</exception>
    /// <exception cref="UsageException">It finds upright faces only, and others are asked for.</exception>
    public static DetectorModels Open(PipelineOptions options)
    {
        var name = options.Detector;
        var detector = ModelCatalogue.Open(name);
        try
        {
            if (detector.Card.Kind != "detector")
                throw new ModelFormatException(detector.Source, null, "a face detector", $"a {detector.Card.Kind}");
            var search = new DetectorOptions
            {
                MinFaceSize = options.MinFaceSize, MinScore = options.MinScore, AnyOrientation = options.AnyOrientation,
            };
            if (FaceDetector.TakesRefiner(detector))
                return new(detector, !ModelCatalogue.IsEmbedded(name) && RefinerBeside(name) is { } file ? ModelFile.Open(file)
                    : DefaultModels.OpenRefiner(), search);
            return options.AnyOrientation ? throw new UprightOnlyException(detector.Source) : new(detector, null, search);
        }
        catch
        {
            detector.Dispose();
            throw;
        }
    }

    /// <summary>The detector alone, for who embeds nothing.</summary>
    public static FaceDetector OpenDetector(PipelineOptions options)
    {
        using var models = Open(options);
        return models.Refiner is null ? new(models.Detector, models.Options) : new(models.Detector, models.Refiner, models.Options);
    }

    /// <summary>The refiner that a detector's file brings; null where there is none.</summary>
    public static string? RefinerBeside(string detector)
    {
        var name = Path.GetFileName(detector).Replace("detector", "refiner", StringComparison.Ordinal);
        var file = Path.Combine(Path.GetDirectoryName(detector) ?? "", name);
        return name != Path.GetFileName(detector) && File.Exists(file) ? file : null;
    }

    public void Dispose()
    {
        Detector.Dispose();
        Refiner?.Dispose();
    }
}
