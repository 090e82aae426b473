using EdgeFace.Models;

namespace EdgeFace.Bench;

/// <summary>
/// A network with the formula's weights in every form that is compared: for the engine and for ONNX Runtime, in floats and in int8.
/// </summary>
sealed class BenchModel : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("edgeface-bench").FullName;

    public BenchModel(EdgeFaceConfig network)
    {
        Network = network;
        (Onnx, OnnxInt8) = (Path.Combine(_folder, "float.onnx"), Path.Combine(_folder, "int8.onnx"));
        var weights = Path.Combine(_folder, "float.safetensors");
        BenchData.SaveModel(network, weights);
        Floats = ModelFile.Open(weights);
        Floats.Save(Path.Combine(_folder, "int8.efw"), WeightPrecision.Int8);
        Int8 = ModelFile.Open(Path.Combine(_folder, "int8.efw"));
        Floats.Save(Onnx);
        Floats.Save(OnnxInt8, WeightPrecision.Int8);
    }

    public EdgeFaceConfig Network { get; }

    public ModelFile Floats { get; }

    public ModelFile Int8 { get; }

    public string Onnx { get; }

    public string OnnxInt8 { get; }

    public void Dispose()
    {
        Floats.Dispose();
        Int8.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
