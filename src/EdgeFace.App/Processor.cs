using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeFace.App;

/// <summary>What the processor can do, and how much of it this program uses.</summary>
static class Processor
{
    /// <summary>The instruction sets this program may use here.</summary>
    public static string[] Features() =>
    [
        .. new (string Name, bool Is)[]
        {
            ("SSE4.2", Sse42.IsSupported), ("AVX", Avx.IsSupported), ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported),
            ("AVX512F", Avx512F.IsSupported), ("AVX512BW", Avx512BW.IsSupported), ("AVX512VBMI", Avx512Vbmi.IsSupported),
            ("AVXVNNI", AvxVnni.IsSupported), ("NEON", AdvSimd.Arm64.IsSupported), ("DOTPROD", Dp.IsSupported),
        }.Where(f => f.Is).Select(f => f.Name),
    ];

    /// <summary>That the processor has wider vectors than the kernels in use, or null.</summary>
    public static string? Warning(string kernels)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || kernels == "vector512" || !File.Exists("/proc/cpuinfo")) return null;
        var flags = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal))?.Split(' ') ?? [];
        // Where AVX-512 may be used and is not, the runtime prefers narrower vectors: some processors slow down with wide ones.
        var possible = flags.Contains("avx512vl") && !Avx512F.IsSupported ? "vector512" : flags.Contains("avx2") ? "vector256" : "vector128";
        return possible == kernels ? null
            : $"this processor could run the {possible} kernels, this program runs {kernels}. "
                + "A NativeAOT build never uses more than its IlcInstructionSet allows: x86-64-v3 for vector256, x86-64-v4 for vector512. "
                + "The variables DOTNET_Enable... switch vectors off.";
    }
}
