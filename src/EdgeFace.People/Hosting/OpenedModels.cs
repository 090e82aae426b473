namespace EdgeFace.People;

/// <summary>The models of a container: those that were opened to see whether they can be are those that work.</summary>
sealed class OpenedModels : IDisposable
{
    readonly Lock _lock = new();
    FacePipeline? _pipeline;

    public FacePipeline Of(PipelineOptions options)
    {
        lock (_lock)
        {
            if (_pipeline is { } opened && opened.Options == options) return opened;
            _pipeline?.Dispose();
            return _pipeline = FacePipeline.Open(options);
        }
    }

    public void Dispose() => _pipeline?.Dispose();
}
