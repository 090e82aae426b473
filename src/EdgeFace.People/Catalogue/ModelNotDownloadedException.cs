namespace EdgeFace.People;

/// <summary>An official model that is not on this machine yet.</summary>
public sealed class ModelNotDownloadedException : EdgeFaceException, IEndsAll
{
    internal ModelNotDownloadedException(OfficialModel model)
        : base($"'{model.Name}' is not on this machine yet: download it, or give a file.", ErrorKind.Request) => Model = model;

    /// <summary>The model, as <see cref="ModelCatalogue.DownloadAsync"/> takes it.</summary>
    public OfficialModel Model { get; }
}
