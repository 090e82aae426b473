using EdgeFace.Kernels;
using EdgeFace.Vision.Detection.Maps;

namespace EdgeFace.Vision.Detection;

/// <summary>What a search works in, kept for the next picture, so that a search allocates its result alone. One thread at a time.</summary>
sealed class SearchMemory(IDetectorNetwork detector, RefinerNetwork? refiner, KernelSet kernels) : IDisposable
{
    public NetworkPass Detector { get; } = detector.NewPass();

    public RefinerNetwork.Memory? Refiner { get; } = refiner?.NewMemory();

    public ImagePyramid Pyramid { get; } = new(kernels);

    public ScaledRows Rows { get; } = new(kernels, detector.Input.Scale, detector.Input.Shift);

    public PatchRows Patch { get; } = new(kernels);

    /// <summary>What was found in all scales and tiles.</summary>
    public List<Candidate> Found { get; } = [];

    /// <summary>What was found in one tile.</summary>
    public List<Candidate> InTile { get; } = [];

    /// <summary>Ends with a picture, and frees what only another as large would need.</summary>
    public void End()
    {
        Pyramid.End();
        Detector.Trim();
    }

    public void Dispose()
    {
        Detector.Dispose();
        Refiner?.Dispose();
        Pyramid.Dispose();
        Rows.Dispose();
    }
}
