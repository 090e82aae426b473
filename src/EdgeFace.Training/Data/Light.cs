namespace EdgeFace.Training.Data;

/// <summary>Colours, blur and noise.</summary>
static class Light
{
    const int Side = FaceEmbedder.CropSize;

    /// <summary>Brightness, contrast, gamma, a tint, saturation; sometimes grey.</summary>
    public static void Recolour(Span<byte> view, double strength, ref SeededRandom random)
    {
        double contrast = Math.Exp(random.Within(0.5 * strength)), bright = random.Within(50 * strength);
        var gamma = Math.Exp(random.Within(0.5 * strength));
        var saturation = random.Chance(0.15) ? 0 : Math.Exp(random.Within(0.6 * strength));
        Span<byte> table = stackalloc byte[3 * 256];
        for (var c = 0; c < 3; c++)
        {
            var tint = Math.Exp(random.Within(0.2 * strength));
            for (var v = 0; v < 256; v++)
                table[c * 256 + v] = (byte)Math.Clamp((255 * Math.Pow(v / 255.0, gamma) - 128) * contrast * tint + 128 + bright + 0.5, 0, 255);
        }
        for (var i = 0; i < view.Length; i += 3)
        {
            float r = table[view[i]], g = table[256 + view[i + 1]], b = table[512 + view[i + 2]];
            var grey = 0.299f * r + 0.587f * g + 0.114f * b;
            var s = (float)saturation;
            view[i] = (byte)Math.Clamp(grey + s * (r - grey) + 0.5f, 0, 255);
            view[i + 1] = (byte)Math.Clamp(grey + s * (g - grey) + 0.5f, 0, 255);
            view[i + 2] = (byte)Math.Clamp(grey + s * (b - grey) + 0.5f, 0, 255);
        }
    }

    /// <summary>A Gaussian blur, or down to a smaller size and back.</summary>
    public static void Blur(Span<byte> view, double strength, ref SeededRandom random)
    {
        if (random.Chance(0.5)) Resize.ThereAndBack(view, (int)Math.Round(Side / (1 + random.Between(0.2, 2.5) * strength)));
        else Gaussian(view, random.Between(0.3, 2.2) * strength + 0.2);
    }

    /// <summary>Normal noise, the same for all channels half of the time.</summary>
    public static void Noise(Span<byte> view, double strength, ref SeededRandom random)
    {
        var deviation = random.Between(2, 22) * strength;
        var grey = random.Chance(0.5);
        for (var i = 0; i < view.Length; i += 3)
        {
            var same = deviation * random.Normal();
            for (var c = 0; c < 3; c++) view[i + c] = (byte)Math.Clamp(view[i + c] + (grey ? same : deviation * random.Normal()) + 0.5, 0, 255);
        }
    }

    /// <summary>A Gaussian blur of a square view; at the edges the last pixel goes on.</summary>
    internal static void Gaussian(Span<byte> view, double sigma, int side = Side)
    {
        var reach = Math.Max(1, (int)Math.Ceiling(2.5 * sigma));
        Span<float> weights = stackalloc float[2 * reach + 1];
        var sum = 0f;
        for (var i = -reach; i <= reach; i++) sum += weights[i + reach] = (float)Math.Exp(-i * i / (2 * sigma * sigma));
        foreach (ref var weight in weights) weight /= sum;
        Lines(view, weights, reach, 3, side * 3, side);
        Lines(view, weights, reach, side * 3, 3, side);
    }

    // Along one axis: pixels are step apart, lines are apart from each other.
    static void Lines(Span<byte> view, ReadOnlySpan<float> weights, int reach, int step, int apart, int side)
    {
        Span<byte> line = stackalloc byte[side];
        for (var l = 0; l < side; l++)
            for (var c = 0; c < 3; c++)
            {
                for (var i = 0; i < side; i++) line[i] = view[l * apart + i * step + c];
                for (var i = 0; i < side; i++)
                {
                    var sum = 0.5f;
                    for (var k = -reach; k <= reach; k++) sum += weights[k + reach] * line[Math.Clamp(i + k, 0, side - 1)];
                    view[l * apart + i * step + c] = (byte)sum;
                }
            }
    }
}
