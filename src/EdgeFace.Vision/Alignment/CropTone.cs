using EdgeFace.Vision.Detection;

namespace EdgeFace.Vision;

/// <summary>
/// How the crop of a dark or flat picture is stretched before it is embedded: the luminance of its middle comes to lie as in ordinary
/// photographs, by one factor for all channels. Ordinary crops stay as they are, and black what lies outside the picture.
/// </summary>
static class CropTone
{
    // Of the luminance's 1st and 99th percentile, in 8-bit levels: flatter are few ordinary crops, and where the stretched ones come to lie.
    const int LeastSpan = 64, Low = 20, High = 210;

    // What differs by less is noise of one colour.
    const int Least = 2;

    // The part of a crop that every face fills.
    const int First = 16, End = 96;

    public static void Stretch(Span<byte> crop)
    {
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        var total = 0;
        for (var y = First; y < End; y++)
        {
            var row = crop.Slice(3 * (y * FaceEmbedder.CropSize + First), 3 * (End - First));
            for (var x = 0; x < row.Length; x += 3)
            {
                if (IsOutside(row[x..])) continue;
                counts[(77 * row[x] + 150 * row[x + 1] + 29 * row[x + 2] + 128) >> 8]++;
                total++;
            }
        }
        int low = Tone.Percentile(counts, total / 100), high = Tone.Percentile(counts, total - 1 - total / 100), span = high - low;
        if (span is < Least or >= LeastSpan) return;
        var gain = (float)(High - Low) / span;
        for (var i = 0; i < crop.Length; i += 3)
        {
            if (IsOutside(crop[i..])) continue;
            for (var c = i; c < i + 3; c++) crop[c] = (byte)Math.Clamp((crop[c] - low) * gain + Low + 0.5f, 0, 255);
        }
    }

    static bool IsOutside(ReadOnlySpan<byte> rgb) => (rgb[0] | rgb[1] | rgb[2]) == 0;
}
