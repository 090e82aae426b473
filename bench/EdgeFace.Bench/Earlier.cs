using System.Runtime.Loader;
using EdgeFace.Models;

namespace EdgeFace.Bench;

/// <summary>This build of the library against an earlier one, both in this process: the way to see small changes on a noisy machine.</summary>
static class Earlier
{
    delegate void Embed(ReadOnlySpan<byte> crops, int count, Span<float> embeddings, bool normalise);

    delegate void CancellableEmbed(ReadOnlySpan<byte> crops, int count, Span<float> embeddings, bool normalise, CancellationToken cancellation);

    public static int Run(string library)
    {
        var path = Path.GetFullPath(library);
        if (!File.Exists(path)) throw new FileNotFoundException($"no library '{path}'");
        Console.WriteLine("| network | case | now | earlier | ratio | quartiles | processor time |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var network in BenchData.Networks)
        {
            var file = Path.Combine(Path.GetTempPath(), $"edgeface-earlier-{Environment.ProcessId}.safetensors");
            BenchData.SaveModel(network, file);
            Embed now = Load(typeof(FaceEmbedder).Assembly, file),
                before = Load(new AssemblyLoadContext(network.Name).LoadFromAssemblyPath(path), file);
            File.Delete(file);
            foreach (var (count, runs) in ((int, int)[])[(1, 20), (16, 2)])
            {
                var crops = BenchData.Crops(count);
                var embeddings = new float[count * EdgeFaceConfig.EmbeddingSize];
                var result = Pairs.Measure(() => now(crops, count, embeddings, false), () => before(crops, count, embeddings, false), 101, runs);
                Console.WriteLine($"| {network.Name} | batch {count} | {result.Ours:F3} ms | {result.Theirs:F3} ms "
                    + $"| {result.Ratio:F3} | {result.Lower:F3} to {result.Upper:F3} | {result.Processor:F3} |");
            }
        }
        return 0;
    }

    /// <summary>By name, because the earlier library's types are not ours. One thread.</summary>
    static Embed Load(System.Reflection.Assembly assembly, string file)
    {
        Type model = assembly.GetType("EdgeFace.ModelFile")!, options = assembly.GetType("EdgeFace.EmbedderOptions")!,
            embedder = assembly.GetType("EdgeFace.FaceEmbedder")!;
        var opened = model.GetMethod("Open", [typeof(string)])!.Invoke(null, [file]);
        var single = Activator.CreateInstance(options)!;
        options.GetProperty("BatchThreads")!.SetValue(single, 1);
        var instance = Activator.CreateInstance(embedder, opened, single)!;
        var method = embedder.GetMethods().Single(m => m.Name == "EmbedBatch");
        // Earlier libraries know no cancellation.
        if (method.GetParameters().Length == 4) return method.CreateDelegate<Embed>(instance);
        var cancellable = method.CreateDelegate<CancellableEmbed>(instance);
        return (crops, count, embeddings, normalise) => cancellable(crops, count, embeddings, normalise, default);
    }
}
