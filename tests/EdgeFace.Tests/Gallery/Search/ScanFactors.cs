using EdgeFace.Gallery.Search;

namespace EdgeFace.Tests.Gallery.Search;

/// <summary>What a test of the scan multiplies. The sum of half a run fits 16 bits, as the scan's own probes see to.</summary>
public enum ScanProducts
{
    /// <summary>Of any size.</summary>
    Mixed,

    /// <summary>All as large as there are; those of one sign come first, so that parts of the sum do not fit.</summary>
    Largest,

    /// <summary>The largest side by side, as many of one sign as the sum takes.</summary>
    OneSign,
}

/// <summary>A block of rows, and probes, with the sums of their products.</summary>
sealed class ScanFactors
{
    public ScanFactors(ScanProducts products, int fours)
    {
        var random = new Random(fours);
        for (var i = 0; i < 4 * fours; i++)
        {
            int at = i / 4 % ScanKernel.Run, run = Math.Min(ScanKernel.Run, fours - (i / 4 - at)), sign = random.Next(2) * 2 - 1;
            // Half of the products of half a run.
            var first = 2 * at + i % 2 < run;
            for (var r = 0; r < RowChunk.BlockRows; r++)
                Codes[r].Add(products switch
                {
                    ScanProducts.Mixed => random.Next(-60, 61),
                    ScanProducts.Largest => at == 0 && i % 2 == 0 ? sign * (127 - 8 * r) : sign * 127,
                    _ => r % 2 == 0 ? 127 : -127,
                });
            for (var p = 0; p < ScanKernel.Probes; p++)
                Digits[p].Add(products switch
                {
                    ScanProducts.Mixed => random.Next(-17, 18),
                    ScanProducts.Largest => sign * (first == (p % 2 == 0) ? 64 : -64),
                    _ => at < 2 ? p % 2 == 0 ? 64 : -64 : 0,
                });
        }
        Expected = [.. Digits.SelectMany(d => Codes.Select(c => c.Zip(d, (code, digit) => code * digit).Sum()))];
    }

    /// <summary>Of each row.</summary>
    public List<int>[] Codes { get; } = [.. Enumerable.Range(0, RowChunk.BlockRows).Select(_ => new List<int>())];

    /// <summary>Of each probe.</summary>
    public List<int>[] Digits { get; } = [.. Enumerable.Range(0, ScanKernel.Probes).Select(_ => new List<int>())];

    /// <summary>The sums of the rows, probe after probe.</summary>
    public int[] Expected { get; }

    public byte[] Block()
    {
        var block = new byte[Codes.Length * Codes[0].Count];
        for (var r = 0; r < Codes.Length; r++)
            for (var i = 0; i < Codes[r].Count; i++) block[i / 4 * 4 * Codes.Length + 4 * r + i % 4] = (byte)(Codes[r][i] + 128);
        return block;
    }

    public int[] Interleaved()
    {
        var probes = Digits.Select(Packed).ToArray();
        return [.. Enumerable.Range(0, probes[0].Length).SelectMany(i => probes.Select(p => p[i]))];
    }

    /// <summary>As the kernels take a probe.</summary>
    public static int[] Packed(IEnumerable<int> digits)
    {
        var packed = new List<int>();
        foreach (var run in digits.Chunk(4 * ScanKernel.Run))
        {
            packed.Add(Two(-run.Where((_, i) => i % 4 < 2).Sum(), -run.Where((_, i) => i % 4 >= 2).Sum()));
            foreach (var four in run.Chunk(4)) packed.Add(BitConverter.ToInt32([.. four.Select(d => (byte)(sbyte)d)]));
        }
        return [.. packed];
        static int Two(int low, int high) => low & 0xFFFF | high << 16;
    }
}
