using EdgeFace.Kernels;
using EdgeFace.Vision.Detection.Maps;

namespace EdgeFace.Vision.Detection;

/// <summary>What a search works in, kept for the next picture, so that a search allocates its result alone. One thread at a time.</summary>
sealed class SearchMemory(IDetectorNetwork detector, RefinerNetwork? refiner, KernelSet kernels) : IDisposable
{
    public NetworkPass Detector { get; } = detector.NewPass();

    public RefinerNetwork.Memory? Refiner { get; } = refiner?.NewMemory();

    public ImagePyramid Pyramid { get; } = new(kernels);

    /// <summary>The turned copy that is searched, and its reduced copies.</summary>
    public ImagePyramid Turned { get; } = new(kernels);

    public TurnedCopy TurnedCopy { get; } = new();

    public ScaledRows Rows { get; } = new(kernels, detector.Input.Scale, detector.Input.Shift);

    public PatchRows Patch { get; } = new(kernels);

    /// <summary>What was found in all scales and tiles.</summary>
    public List<Candidate> Found { get; } = [];

    /// <summary>What was found in one tile.</summary>
    public List<Candidate> InTile { get; } = [];

    /// <summary>Traces of small faces that one look has left.</summary>
    public Traces Traces { get; } = new();

    /// <summary>What the finest scale is looked at for.</summary>
    public List<Region> Regions { get; } = [];

    /// <summary>Faces that were found before further searches.</summary>
    public List<Candidate> First { get; } = [];

    /// <summary>What further searches found.</summary>
    public List<Candidate> Further { get; } = [];

    /// <summary>Found faces as they would lie otherwise.</summary>
    public List<Candidate> Otherwise { get; } = [];

    /// <summary>How the networks see the picture's pixels; null for as they are.</summary>
    public Tone? Tone
    {
        set => Rows.Tone = Patch.Tone = value;
    }

    /// <summary>Ends with a picture, and frees what only another as large would need.</summary>
    public void End()
    {
        Pyramid.End();
        Turned.End();
        TurnedCopy.End();
        Tone = null;
        Detector.Trim();
    }

    public void Dispose()
    {
        Detector.Dispose();
        Refiner?.Dispose();
        Pyramid.Dispose();
        Turned.Dispose();
        TurnedCopy.Dispose();
        Rows.Dispose();
    }
}
