namespace EdgeFace.Vision;

/// <summary>
/// A decoded picture and its room among the pictures that the process may have in memory at once (docs/architecture.md): for whoever works through
/// many. Its pixels are freed with it. A thread that holds one takes no room for others.
/// </summary>
public readonly ref struct LeasedImage
{
    readonly PixelBudget.Lease _lease;

    internal LeasedImage(RgbImage image, PixelBudget.Lease lease)
    {
        Image = image;
        _lease = lease;
    }

    /// <summary>The picture; it ends with the lease.</summary>
    public RgbImage Image { get; }

    /// <summary>Frees the pixels and gives the room back, on the thread that took it.</summary>
    public void Dispose()
    {
        Image.Free();
        _lease.Dispose();
    }
}
