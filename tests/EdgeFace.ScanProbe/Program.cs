using EdgeFace.Gallery.Search;
using EdgeFace.Tests.Gallery.Search;

// Compares the scan of every width that this processor runs with plain sums. Tests build it for processors that they emulate.
var wrong = 0;
foreach (var kernel in ScanKernel.Available.Where(k => k.Runs))
{
    foreach (var products in Enum.GetValues<ScanProducts>())
        foreach (var fours in (int[])[1, 2, 7, 8, 9, 29, 49, 128])
            if (!Agrees(kernel, products, fours)) Console.WriteLine($"{kernel.Name}, {products}, {fours}: wrong {++wrong}");
    Console.WriteLine($"{kernel.Name} {kernel.GetType().GenericTypeArguments.FirstOrDefault()?.Name}");
}
return wrong;

static unsafe bool Agrees(ScanKernel kernel, ScanProducts products, int fours)
{
    var factors = new ScanFactors(products, fours);
    int[] four = factors.Interleaved(), scores = new int[factors.Expected.Length], thresholds = new int[ScanKernel.Probes];
    fixed (byte* block = factors.Block())
    fixed (int* probes = four, found = scores, limits = thresholds)
    {
        kernel.Four(block, fours, probes, limits, found);
        if (!scores.AsSpan().SequenceEqual(factors.Expected)) return false;
        for (var p = 0; p < ScanKernel.Probes; p++)
            fixed (int* one = ScanFactors.Packed(factors.Digits[p]))
            {
                kernel.One(block, fours, one, 0, found);
                var expected = factors.Expected.AsSpan(p * RowChunk.BlockRows, RowChunk.BlockRows);
                if (!scores.AsSpan(0, RowChunk.BlockRows).SequenceEqual(expected)) return false;
            }
    }
    return true;
}
