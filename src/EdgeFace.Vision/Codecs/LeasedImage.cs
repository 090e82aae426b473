namespace EdgeFace.Vision;

/// <summary>A decoded picture and its room in the <see cref="PixelBudget"/>: for whoever works through many. Its pixels
/// are freed with it.</summary>
readonly ref struct LeasedImage(RgbImage image, PixelBudget.Lease lease)
{
    readonly PixelBudget.Lease _lease = lease;

    public RgbImage Image { get; } = image;

    public void Dispose()
    {
        Image.Free();
        _lease.Dispose();
    }
}
