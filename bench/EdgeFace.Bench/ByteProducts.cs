using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using EdgeFace.Kernels;

namespace EdgeFace.Bench;

/// <summary>The ways to multiply bytes against each other and against the FMA peak, in turn, on products of the widest network.</summary>
static unsafe class ByteProducts
{
    const int Rounds = 300;
    const long MultiplyAdds = 6_000_000;

    delegate void Product(float* a, int lda, PackedMatrix8 weight, float* c, int ldc, int rows, float* scratch);

    sealed record Way(string Name, string Instructions, Func<float[], int, int, PackedMatrix8> Pack, Product Run);

    static readonly Way[] Ways =
    [
        Of<Pairs256>("pairs, 256 bits", "2 vpmaddwd, 2 vpaddd"),
        .. Avx512BW.IsSupported ? [Of<Pairs512>("pairs, 512 bits", "the same, half as many")] : (Way[])[],
        Of<SaturatingBytes>("bytes that saturate", "vpmaddubsw, vpmaddwd, vpaddd"),
        .. AvxVnni.IsSupported ? [Of<Quads256>("quads", "vpdpbusd")] : (Way[])[],
    ];

    static Way Of<D>(string name, string instructions) where D : unmanaged, IDot<D>
        => new(name, instructions, (w, n, k) => ByteGemm<D>.Pack(w, [], n, k),
        (a, lda, weight, c, ldc, rows, scratch) => ByteGemm<D>.Run<V256>(a, lda, weight, c, ldc, rows, TileEnd.Store, false, scratch));

    public static int Run(bool write)
    {
        if (!Avx2.IsSupported) throw new InvalidOperationException("the ways compared here need AVX2");
        (string Name, int Rows, int Inputs, int Outputs)[] shapes =
            [("stage 0 fc2", 784, 320, 80), ("stage 1 fc2", 196, 640, 160), ("stage 2 fc1", 49, 288, 1152), ("stage 2 fc2", 49, 1152, 288)];
        var report = new Report("bytes");
        report.Line("int8 products of edgeface_base without GELU, quantisation of the rows included: giga multiply-adds a second, first decile of "
            + "the times, and in brackets the share of the FMA peak beside them.");
        report.Line("");
        report.Line($"| way | instructions for 32 multiply-adds in 256 bits | {string.Join(" | ", shapes.Select(s => s.Name))} |");
        report.Line($"|---|---|{string.Concat(shapes.Select(_ => "---|"))}");
        string[][] columns = [.. shapes.Select(s => Measure(s.Rows, s.Inputs, s.Outputs))];
        for (var w = 0; w < Ways.Length; w++)
            report.Line($"| {Ways[w].Name} | {Ways[w].Instructions} | {string.Join(" | ", columns.Select(c => c[w]))} |");
        if (write) report.Write();
        return 0;
    }

    static string[] Measure(int rows, int inputs, int outputs)
    {
        var random = new Random(1);
        float[] weight = [.. Enumerable.Range(0, inputs * outputs).Select(_ => random.NextSingle() - 0.5f)];
        int lda = KernelSet.Stride(inputs), ldc = KernelSet.Stride(outputs);
        using NativeBuffer a = new((long)rows * lda), c = new((long)rows * ldc), scratch = new((long)rows * (lda + 64));
        for (var i = 0L; i < (long)rows * lda; i++) a.Pointer[i] = random.NextSingle() - 0.3f;
        PackedMatrix8[] packed = [.. Ways.Select(w => w.Pack(weight, outputs, inputs))];
        var runs = (int)Math.Max(1, MultiplyAdds / ((long)rows * inputs * outputs));
        double[][] times = [.. Ways.Select(_ => new double[Rounds])];
        var peaks = new double[Rounds];
        for (var round = 0; round < Rounds; round++)
        {
            for (var w = 0; w < Ways.Length; w++)
            {
                var start = Stopwatch.GetTimestamp();
                for (var i = 0; i < runs; i++) Ways[w].Run(a.Pointer, lda, packed[w], c.Pointer, ldc, rows, scratch.Pointer);
                times[w][round] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / runs;
            }
            peaks[round] = FmaProbe.Once() / 2;
        }
        foreach (var p in packed) p.Dispose();
        var peak = peaks.Order().ElementAt(9 * Rounds / 10);
        return [.. times.Select(t => (double)rows * inputs * outputs / t.Order().ElementAt(Rounds / 10))
            .Select(rate => $"{rate:F0} ({100 * rate / peak:F0} %)")];
    }
}
