using EdgeFace.Tests.Support;
using EdgeFace.Training.Detection;
using EdgeFace.Weights;

namespace EdgeFace.Training.Tests.Detection;

/// <summary>A run of a few views of either network.</summary>
sealed class SmallDetection(string network) : IDisposable
{
    readonly PictureFolder _folder = new();

    public static Recipe Recipe(string network) => new()
    {
        Network = network, Views = 16, Batch = 4, Part = 2, WarmUp = 4, AverageViews = 8, AdamRate = 1e-3, ChangedShare = 1,
        Losses = new Dictionary<string, double> { ["score"] = 1, ["points"] = 1 }, Detection = new() { Window = 96 },
    };

    public static string Teacher => TestData.Shared("onnx/yunet_2026may.onnx");

    public static IDetectionViews Views(string network, PictureStore store)
    {
        using ModelFile teacher = ModelFile.Open(Teacher), detector = DetectorModuleTests.Open(DetectorLayers.Detector);
        return network == DetectorLayers.Detector ? new WindowViews(store, new(teacher), Recipe(network), 2, "")
            : new PatchViews(store, new(store, detector, teacher, 2), Recipe(network), 2, "");
    }

    public string File(string name) => _folder.File(name);

    /// <summary>The command, as a user gives it.</summary>
    public string[] Command(string to, bool withStart = true, int validateViews = 8)
    {
        System.IO.File.WriteAllText(File("recipe.json"), Recipe(network).ToJson());
        var isDetector = network == DetectorLayers.Detector;
        string[] start = withStart ? ["--start", RepositoryFiles.Full($"models/{network}.efw")] : [];
        string[] partner = isDetector ? ["--refiner", RepositoryFiles.Full("models/edgeface-refiner.efw")]
            : ["--detector", RepositoryFiles.Full("models/edgeface-detector.efw")];
        return
        [
            isDetector ? "detector" : "refiner", "--recipe", File("recipe.json"), "--faces", _folder.Faces, "--teacher", Teacher,
            .. start, .. partner,
            "--validation", _folder.List, "--validation-set", "test", "--validate-views", $"{validateViews}",
            "--out", File(to), "--cache", File("cache"),
        ];
    }

    public IReadOnlyList<string> Tensors(string of)
    {
        using var file = SafeTensors.Read(File($"{of}/checkpoint.safetensors"));
        return [.. file.Tensors.Select(t => $"{t.Name} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(t.Data))}")];
    }

    public void Dispose() => _folder.Dispose();
}
