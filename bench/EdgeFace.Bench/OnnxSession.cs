using EdgeFace.Models;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFace.Bench;

/// <summary>ONNX Runtime on an ONNX file of a network, with its input and output bound once so that a run costs nothing but the run.</summary>
sealed class OnnxSession : IDisposable
{
    readonly SessionOptions _options;
    readonly InferenceSession _session;
    readonly RunOptions _run = new();
    readonly OrtValue _input, _output;

    public OnnxSession(string path, byte[] crops, int count, int threads)
    {
        _options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        };
        _session = new InferenceSession(path, _options);
        Embeddings = new float[count * EdgeFaceConfig.EmbeddingSize];
        _input = OrtValue.CreateTensorValueFromMemory(BenchData.Planes(crops), [count, 3, EdgeFaceConfig.CropSize, EdgeFaceConfig.CropSize]);
        _output = OrtValue.CreateTensorValueFromMemory(Embeddings, [count, EdgeFaceConfig.EmbeddingSize]);
    }

    public float[] Embeddings { get; }

    public void Run() => _session.Run(_run, ["input"], [_input], ["embedding"], [_output]);

    public void Dispose()
    {
        _input.Dispose();
        _output.Dispose();
        _run.Dispose();
        _session.Dispose();
        _options.Dispose();
    }
}
