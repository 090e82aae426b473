namespace EdgeFace.Training.Data;

/// <summary>Parts of a crop that show no face.</summary>
static class Covering
{
    const int Side = FaceEmbedder.CropSize;

    /// <summary>A rectangle of one colour.</summary>
    public static void CutOut(Span<byte> view, double strength, ref SeededRandom random)
    {
        int width = Wide(random.Between(8, 60) * strength + 4), height = Wide(random.Between(8, 60) * strength + 4);
        Fill(view, random.Below(Side - width + 1), random.Below(Side - height + 1), width, height,
            (byte)random.Below(256), (byte)random.Below(256), (byte)random.Below(256));
    }

    /// <summary>Black along one side or two, as where a photo ends.</summary>
    public static void Border(Span<byte> view, double strength, ref SeededRandom random)
    {
        for (var sides = 1 + random.Below(2); sides > 0; sides--)
        {
            var wide = Wide(1 + random.Between(0, 30) * strength);
            switch (random.Below(4))
            {
                case 0: Fill(view, 0, 0, wide, Side, 0, 0, 0); break;
                case 1: Fill(view, Side - wide, 0, wide, Side, 0, 0, 0); break;
                case 2: Fill(view, 0, 0, Side, wide, 0, 0, 0); break;
                default: Fill(view, 0, Side - wide, Side, wide, 0, 0, 0); break;
            }
        }
    }

    static int Wide(double pixels) => Math.Min(Side, (int)pixels);

    static void Fill(Span<byte> view, int left, int top, int width, int height, byte r, byte g, byte b)
    {
        for (var y = top; y < top + height; y++)
            for (var x = left; x < left + width; x++)
                (view[(y * Side + x) * 3], view[(y * Side + x) * 3 + 1], view[(y * Side + x) * 3 + 2]) = (r, g, b);
    }
}
