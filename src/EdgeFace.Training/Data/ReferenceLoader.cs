namespace EdgeFace.Training.Data;

/// <summary>The changes of the paper's loader, but for mirroring: smaller and back, box blur, hue and saturation, grey.</summary>
static class ReferenceLoader
{
    const int Side = FaceEmbedder.CropSize;

    public static void Apply(Span<byte> view, ref SeededRandom random)
    {
        if (random.Chance(0.1)) Resize.ThereAndBack(view, 56 + random.Below(34));
        if (random.Chance(0.2)) BoxBlur(view, random.Chance(0.5) ? 1 : 2);
        if (random.Chance(0.2)) HueSaturation(view, random.Between(0, 20), random.Between(1, 1.2));
        if (random.Chance(0.1)) Grey(view);
    }

    static void BoxBlur(Span<byte> view, int reach)
    {
        var source = view.ToArray();
        var count = (2 * reach + 1) * (2 * reach + 1);
        for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
                for (var c = 0; c < 3; c++)
                {
                    var sum = count / 2;
                    for (var v = -reach; v <= reach; v++)
                        for (var u = -reach; u <= reach; u++)
                            sum += source[(Math.Clamp(y + v, 0, Side - 1) * Side + Math.Clamp(x + u, 0, Side - 1)) * 3 + c];
                    view[(y * Side + x) * 3 + c] = (byte)(sum / count);
                }
    }

    /// <summary>Turns the hue by degrees and multiplies the saturation, in the HSV model.</summary>
    internal static void HueSaturation(Span<byte> view, double degrees, double factor)
    {
        for (var i = 0; i < view.Length; i += 3)
        {
            double r = view[i], g = view[i + 1], b = view[i + 2], most = Math.Max(r, Math.Max(g, b)), span = most - Math.Min(r, Math.Min(g, b));
            if (span == 0) continue;
            var hue = most == r ? (g - b) / span : most == g ? 2 + (b - r) / span : 4 + (r - g) / span;
            hue = (hue + degrees / 60 + 6) % 6;
            var chroma = most * Math.Min(1, span / most * factor);
            for (var c = 0; c < 3; c++) view[i + c] = (byte)(Channel(hue, 5 - 2 * c) + 0.5);

            // Red, green and blue are the same curve, two sixths of the circle apart.
            double Channel(double h, int shift)
            {
                var k = (shift + h) % 6;
                return most - chroma * Math.Clamp(Math.Min(k, 4 - k), 0, 1);
            }
        }
    }

    static void Grey(Span<byte> view)
    {
        for (var i = 0; i < view.Length; i += 3)
            view[i] = view[i + 1] = view[i + 2] = (byte)(0.299 * view[i] + 0.587 * view[i + 1] + 0.114 * view[i + 2] + 0.5);
    }
}
