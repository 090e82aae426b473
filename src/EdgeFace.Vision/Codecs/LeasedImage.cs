namespace EdgeFace.Vision;

/// <summary>A decoded picture and its room in the <see cref="PixelBudget"/>: for whoever works through many. Its pixels
/// are freed with it. Of a large JPEG only a reduced copy is decoded before its own pixels are asked for.</summary>
readonly ref struct LeasedImage(RgbImage image, PixelBudget.Lease lease, EncodedPicture? encoded = null)
{
    readonly PixelBudget.Lease _lease = lease;
    readonly EncodedPicture? _encoded = encoded;

    public RgbImage Image { get; } = image;

    public void Dispose()
    {
        Image.Free();
        _encoded?.Dispose();
        _lease.Dispose();
    }
}
