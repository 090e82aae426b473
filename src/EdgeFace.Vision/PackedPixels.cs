namespace EdgeFace.Vision;

/// <summary>Rows of pixels of any layout, packed as the house keeps them: three bytes R, G, B each, without gaps.</summary>
static class PackedPixels
{
    /// <summary>How many bytes a pixel takes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no layout.</exception>
    public static int BytesOf(PixelLayout layout) => layout switch
    {
        PixelLayout.Rgb or PixelLayout.Bgr => 3,
        PixelLayout.Rgba or PixelLayout.Bgra => 4,
        PixelLayout.Grey => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "no layout of pixels"),
    };

    /// <summary>Packs rows that begin stride bytes apart.</summary>
    public static byte[] Of(ReadOnlySpan<byte> pixels, int width, int height, int stride, PixelLayout layout)
    {
        var packed = GC.AllocateUninitializedArray<byte>(3 * width * height);
        var bytes = BytesOf(layout);
        for (var y = 0; y < height; y++)
        {
            // The last row may end where its pixels do.
            var row = pixels.Slice((int)((long)y * stride), bytes * width);
            var target = packed.AsSpan(3 * y * width, 3 * width);
            if (layout == PixelLayout.Rgb) row.CopyTo(target);
            else if (layout == PixelLayout.Grey) Spread(row, target);
            else if (layout == PixelLayout.Rgba) Pick(row, bytes, 0, 2, target);
            else Pick(row, bytes, 2, 0, target);
        }
        return packed;
    }

    static void Spread(ReadOnlySpan<byte> grey, Span<byte> rgb)
    {
        for (var x = 0; x < grey.Length; x++, rgb = rgb[3..]) rgb[0] = rgb[1] = rgb[2] = grey[x];
    }

    static void Pick(ReadOnlySpan<byte> row, int bytes, int red, int blue, Span<byte> rgb)
    {
        for (int from = 0, to = 0; to < rgb.Length; from += bytes, to += 3)
            (rgb[to], rgb[to + 1], rgb[to + 2]) = (row[from + red], row[from + 1], row[from + blue]);
    }
}
