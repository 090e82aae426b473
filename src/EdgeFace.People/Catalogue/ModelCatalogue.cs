namespace EdgeFace.People;

/// <summary>Every model that has a name here: the embedded ones, and the official ones that were downloaded.</summary>
public static class ModelCatalogue
{
    /// <summary>The embedded recogniser.</summary>
    public const string DefaultRecogniser = "edgeface-xs-distilled";

    /// <summary>The embedded face detector.</summary>
    public const string DefaultDetector = "edgeface-detector";

    /// <summary>Names the variable of the environment that says where downloaded models lie.</summary>
    public const string FolderVariable = "EDGEFACE_MODELS";

    /// <summary>The embedded models: recogniser, detector, refiner.</summary>
    internal static IReadOnlyList<(string Name, Func<ModelFile> Open)> Embedded { get; } =
    [
        (DefaultRecogniser, DefaultModels.OpenRecogniser),
        (DefaultDetector, DefaultModels.OpenDetector),
        ("edgeface-refiner", DefaultModels.OpenRefiner),
    ];

    /// <summary>The authors' own checkpoints, which <see cref="DownloadAsync"/> fetches.</summary>
    public static IReadOnlyList<OfficialModel> Official => OfficialModels.All;

    /// <summary>Where downloaded models lie.</summary>
    public static string Folder => Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder
        ? folder
        : Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "edgeface", "models");

    /// <summary>Opens a model.</summary>
    /// <param name="model">A name, of an embedded or a downloaded model, in any letter case; or a file.</param>
    /// <exception cref="EdgeFaceException">There is nothing of that name, or the file cannot be read or is no model.</exception>
    public static ModelFile Open(string model)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        var embedded = Embedded.FirstOrDefault(m => string.Equals(m.Name, model, StringComparison.OrdinalIgnoreCase));
        if (embedded.Open is not null) return embedded.Open();
        if (OfficialModels.Find(model) is { } official && !File.Exists(model))
        {
            if (!official.IsDownloaded) throw new ModelNotDownloadedException(official);
            var downloaded = ModelFile.Open(official.Path);
            return downloaded.WithCard(CardOf(official, downloaded.Card));
        }
        if (Path.Exists(model) || model.Contains('/', StringComparison.Ordinal) || model.Contains('\\', StringComparison.Ordinal)
            || Path.HasExtension(model))
            return ModelFile.Open(model);
        var names = Embedded.Select(m => m.Name).Concat(OfficialModels.All.Select(m => m.Name));
        throw new UsageException($"there is no model '{model}': give one of {string.Join(", ", names)}, or a file.");
    }

    /// <summary>
    /// Downloads a checkpoint to <see cref="OfficialModel.Path"/>: into a partial file, from which a later try goes on, then checked, then
    /// renamed. A call that is cancelled leaves the partial file and nothing under the model's name.
    /// </summary>
    /// <param name="model">One of <see cref="Official"/>, whose terms (<see cref="OfficialModel.Licence"/>) the caller accepts by
    /// calling this.</param>
    /// <param name="from">An https address, or an http one on this machine, instead of the published one; known sizes and hashes count all the
    /// same.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EdgeFaceException">The server cannot be reached or gives something else, or the file cannot be written.</exception>
    public static Task DownloadAsync(OfficialModel model, Uri? from = null, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (from is not null && !ModelDownload.MayAsk(from))
            throw new UsageException($"a model is downloaded from an https address, or an http address on this machine, not '{from}'.");
        return ModelDownload.RunAsync(model, from ?? model.Url, model.Path, progress, cancellationToken);
    }

    internal static bool IsEmbedded(string model) => Embedded.Any(m => string.Equals(m.Name, model, StringComparison.OrdinalIgnoreCase));

    static ModelCard CardOf(OfficialModel official, ModelCard found) => found with
    {
        Name = official.Name,
        Kind = "recogniser",
        Description = "Official EdgeFace checkpoint of Idiap (arXiv 2307.01838).",
        Licence = OfficialModel.Licence,
        NonCommercial = true,
    };
}
