#if RECOGNISER_FILE
using System.Reflection;
#endif
using System.Runtime.InteropServices;
using EdgeFace;
using EdgeFace.App;
using EdgeFace.People;

// A small program that uses the library as a stranger does: through its public types alone. Tests run it where they need a process of its own.
#if RECOGNISER_FILE
using var model = ModelFile.Open(
    (UnmanagedMemoryStream)Assembly.GetExecutingAssembly().GetManifestResourceStream("recogniser.efw")!, "recogniser.efw");
#else
using var model = DefaultModels.OpenRecogniser();
#endif
using var embedder = new FaceEmbedder(model);
switch (args)
{
    case ["features"]:
        Console.WriteLine($"kernels {embedder.Kernels}");
        Console.WriteLine($"features {string.Join(' ', Processor.Features())}");
        if (Processor.Warning(embedder.Kernels) is { } warning) Console.Error.WriteLine(warning);
        return 0;
    case ["embed", _, ..]:
        // For each file of 112 x 112 x 3 bytes, 512 float32 values on the standard output; the peak of memory on the standard error.
        using (var output = Console.OpenStandardOutput())
        {
            var embedding = new float[embedder.Dimension];
            foreach (var file in args.AsSpan(1))
            {
                embedder.Embed(File.ReadAllBytes(file), embedding);
                output.Write(MemoryMarshal.AsBytes(embedding.AsSpan()));
            }
        }
        foreach (var line in OperatingSystem.IsLinux()
            ? File.ReadLines("/proc/self/status").Where(l => l.StartsWith("VmHWM", StringComparison.Ordinal))
            : [])
            Console.Error.WriteLine(line);
        return 0;
    case ["selftest"]:
        var (passed, cosine) = SelfTest.Run(embedder);
        Console.WriteLine(FormattableString.Invariant($"self-test {(passed ? "passed" : "FAILED")}: cosine {cosine:f7}"));
        return passed ? 0 : 1;
    default:
        Console.Error.WriteLine("usage: features | embed FILE... | selftest");
        return 2;
}
