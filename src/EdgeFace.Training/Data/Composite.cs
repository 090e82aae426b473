namespace EdgeFace.Training.Data;

/// <summary>The upper part of one face with the lower part of another: all crops share a template, so parts fit. Colours are matched, the seam is
/// soft.</summary>
static class Composite
{
    const int Side = FaceEmbedder.CropSize;

    public static void Apply(Span<byte> view, ReadOnlySpan<byte> other, ref SeededRandom random)
    {
        double middle = random.Between(50, 84), slope = random.Within(0.15), bend = random.Within(6), soft = random.Between(4, 14);
        bool lower = random.Chance(0.5), mirrored = random.Chance(0.5);
        Span<double> gain = stackalloc double[3], offset = stackalloc double[3];
        Match(view, other, gain, offset);
        for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
            {
                var away = (x - Side / 2) / (Side / 2.0);
                var seam = middle + slope * (x - Side / 2) + bend * away * away;
                // Share of the other face: 0 on one side of the seam, 1 on the other.
                var share = Math.Clamp((y - seam) / soft + 0.5, 0, 1);
                if (!lower) share = 1 - share;
                if (share == 0) continue;
                int at = (y * Side + x) * 3, from = mirrored ? (y * Side + Side - 1 - x) * 3 : at;
                for (var c = 0; c < 3; c++)
                    view[at + c] = (byte)Math.Clamp(view[at + c] * (1 - share) + (other[from + c] * gain[c] + offset[c]) * share + 0.5, 0, 255);
            }
    }

    /// <summary>The change of each channel that gives the other face this one's mean and deviation, both around the nose.</summary>
    static void Match(ReadOnlySpan<byte> view, ReadOnlySpan<byte> other, Span<double> gain, Span<double> offset)
    {
        for (var c = 0; c < 3; c++)
        {
            var (mean, deviation) = Moments(view, c);
            var (otherMean, otherDeviation) = Moments(other, c);
            gain[c] = Math.Clamp(deviation / Math.Max(otherDeviation, 1), 0.5, 2);
            offset[c] = mean - gain[c] * otherMean;
        }
    }

    static (double Mean, double Deviation) Moments(ReadOnlySpan<byte> crop, int channel)
    {
        double sum = 0, squares = 0;
        const int low = 28, high = 84, step = 2;
        var count = 0;
        for (var y = low; y < high; y += step)
            for (var x = low; x < high; x += step, count++)
            {
                double v = crop[(y * Side + x) * 3 + channel];
                sum += v;
                squares += v * v;
            }
        return (sum / count, Math.Sqrt(Math.Max(0, squares / count - sum / count * (sum / count))));
    }
}
