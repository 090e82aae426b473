namespace EdgeFace.People;

/// <summary>Every model that has a name here: the embedded ones, and the official ones that were pulled.</summary>
static class ModelCatalogue
{
    /// <summary>Names the folder that pulled models lie in.</summary>
    public const string FolderVariable = "EDGEFACE_MODELS";

    /// <summary>The embedded models: recogniser, detector, refiner.</summary>
    public static IReadOnlyList<(string Name, Func<ModelFile> Open)> Embedded { get; } =
    [
        ("edgeface-xs-distilled", DefaultModels.OpenRecogniser),
        ("edgeface-detector", DefaultModels.OpenDetector),
        ("edgeface-refiner", DefaultModels.OpenRefiner),
    ];

    /// <summary>Where pulled models lie.</summary>
    public static string Folder => Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder
        ? folder
        : Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "edgeface", "models");

    public static string PathOf(OfficialModel model) => Path.Combine(Folder, model.Name + ".pt");

    /// <summary>Opens a model by name or path; null means the embedded recogniser.</summary>
    /// <exception cref="UsageException">Nothing of that name.</exception>
    public static ModelFile Open(string? model)
    {
        if (model is null) return DefaultModels.OpenRecogniser();
        var embedded = Embedded.FirstOrDefault(m => string.Equals(m.Name, model, StringComparison.OrdinalIgnoreCase));
        if (embedded.Open is not null) return embedded.Open();
        if (OfficialModels.Find(model) is { } official && !File.Exists(model))
        {
            if (!File.Exists(PathOf(official)))
                throw new UsageException(
                    $"'{official.Name}' is not on this machine yet: 'edgeface models pull {official.Name}' downloads it.");
            var pulled = ModelFile.Open(PathOf(official));
            return pulled.WithCard(CardOf(official, pulled.Card));
        }
        if (Path.Exists(model) || model.Contains('/', StringComparison.Ordinal) || model.Contains('\\', StringComparison.Ordinal)
            || Path.HasExtension(model))
            return ModelFile.Open(model);
        var names = Embedded.Select(m => m.Name).Concat(OfficialModels.All.Select(m => m.Name));
        throw new UsageException($"there is no model '{model}': give one of {string.Join(", ", names)}, or a file.");
    }

    static ModelCard CardOf(OfficialModel official, ModelCard found) => found with
    {
        Name = official.Name,
        Kind = "recogniser",
        Description = "Official EdgeFace checkpoint of Idiap (arXiv 2307.01838).",
        Licence = OfficialModels.Licence,
        NonCommercial = true,
    };
}
