using EdgeFace.Kernels;
using EdgeFace.Vision.Detection.Maps;

namespace EdgeFace.Vision.Detection;

/// <summary>What a search works in, kept for the next picture, so that a search allocates its result alone. One thread at a time.</summary>
sealed class SearchMemory(IDetectorNetwork detector, RefinerNetwork? refiner, KernelSet kernels) : IDisposable
{
    /// <summary>Where is searched; all of the picture where there is none.</summary>
    public SearchArea[] Areas { get; private set; } = [];

    /// <summary>Whether the search is to end: asked by all that takes long.</summary>
    public CancellationToken Cancellation { get; private set; }

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

    /// <summary>Begins with a picture: where it is searched, and what ends that.</summary>
    public void Begin(SearchArea[] areas, CancellationToken cancellation) => (Areas, Cancellation) = (areas, cancellation);

    /// <summary>Drops what was found outside the areas that are searched.</summary>
    public void DropOutside()
    {
        if (Areas.Length > 0) Found.RemoveAll(face => !Areas.Any(area => area.Holds(face.Box)));
    }

    /// <summary>Ends with a picture, and frees what only another as large would need.</summary>
    public void End()
    {
        Pyramid.End();
        Turned.End();
        TurnedCopy.End();
        Tone = null;
        // Left by a look that was cancelled.
        Traces.Clear();
        Begin([], default);
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
