using System.Runtime.InteropServices;
using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Training.Commands;
using EdgeFace.Weights;

namespace EdgeFace.Training.Tests;

/// <summary>Models that were exported as <c>.pt</c>, and what PyTorch makes of all of them in one run of <c>tests/pytorch/embed.py</c>.</summary>
public sealed class PyTorchRun : IDisposable
{
    public const string Trained = "trained", Halves = "halves";
    const int Images = 3;

    readonly TempFolder _folder = new();
    readonly Lazy<string> _output;

    public PyTorchRun() => _output = new(Run);

    /// <summary>Every variant, one of another rank ratio, the default model, and that in half precision.</summary>
    public static IReadOnlyList<(string Name, string Variant, double? Gamma, bool PlainHead)> Cases { get; } =
    [
        .. EdgeFaceVariants.All.Select(v => (v.Name, v.Name, v.Gamma, false)),
        ("other_ratio", "edgeface_xxs", 0.27, false), (Trained, "edgeface_xs_gamma_06", 0.6, true), (Halves, "edgeface_xs_gamma_06", 0.6, true),
    ];

    /// <summary>Runs PyTorch, once for all tests; skips the running test, visibly, where there is none.</summary>
    public void Require()
    {
        var found = ProcessRun.Of("bash", ["tests/pytorch.sh", "--find"]);
        if (found.ExitCode != 0)
            Assert.Skip($"needs PyTorch: run tests/pytorch.sh, or name a python that has it in EDGEFACE_TEST_PYTORCH ({found.Error.Trim()})");
        Python = found.Output.Trim();
        _ = _output.Value;
    }

    string Python { get; set; } = "";

    /// <summary>What it printed: a line for each case.</summary>
    public string Output => _output.Value;

    public float[] OfPyTorch(string name) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(_folder[name + ".f32"])).ToArray();

    /// <summary>The engine on the model from which the file was exported; that in half precision is the file itself.</summary>
    public float[] OfEngine(string name)
    {
        using var model = Source(name);
        using var embedder = new FaceEmbedder(model);
        var vectors = new float[Images * EdgeFaceConfig.EmbeddingSize];
        embedder.EmbedBatch(Crops(), Images, vectors);
        return vectors;
    }

    public ModelFile Source(string name) => ModelFile.Open(SourcePath(name));

    /// <summary>What PyTorch saved of what it had loaded.</summary>
    public ModelFile SavedByPyTorch(string name) => ModelFile.Open(_folder[name + ".again.pt"]);

    string SourcePath(string name) => name switch
    {
        Trained => TestData.Model("edgeface-xs-distilled.efw"),
        Halves => _folder[name + ".pt"],
        _ => _folder[name + ".safetensors"],
    };

    string Run()
    {
        foreach (var (name, variant, gamma, _) in Cases)
        {
            var to = _folder[name + ".pt"];
            if (name == Halves)
            {
                using var trained = Source(Trained);
                trained.Save(to, WeightPrecision.Float16);
                continue;
            }
            if (name != Trained) FormulaWeights.Write(EdgeFaceVariants.Find(variant)!.WithGamma(gamma), SourcePath(name));
            Assert.Equal(0, TrainTool.Run(["export", SourcePath(name), to]));
        }
        File.WriteAllBytes(_folder["crops.rgb"], Crops());
        return ProcessRun.Of(Python,
        [
            "tests/pytorch/embed.py", _folder["crops.rgb"], _folder.Path,
            .. Cases.Select(c => $"{c.Name}={c.Variant}{(c.Gamma is { } gamma ? FormattableString.Invariant($":{gamma}") : "")}"
                + (c.PlainHead ? "+plain" : "")),
        ]).Succeeds().Output;
    }

    // Noise, waves, and black.
    static byte[] Crops()
    {
        var crops = new byte[Images * FaceEmbedder.CropBytes];
        new Random(5).NextBytes(crops.AsSpan(0, FaceEmbedder.CropBytes));
        for (var i = 0; i < FaceEmbedder.CropBytes; i++)
            crops[FaceEmbedder.CropBytes + i] = (byte)(128 + 100 * Math.Sin(0.05 * (i / 3 % 112) * (1 + i % 3) + 0.09 * (i / 336)));
        return crops;
    }

    public void Dispose() => _folder.Dispose();
}
