using System.Text;
using EdgeFace.Models;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFace.Tests.Support;

/// <summary>ONNX Runtime on a file.</summary>
sealed class OnnxRun : IDisposable
{
    readonly SessionOptions _options;

    /// <param name="optimised">Where to write the graph as ONNX Runtime has changed it.</param>
    public OnnxRun(string path, string? optimised = null)
    {
        _options = new() { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        if (optimised is not null) _options.OptimizedModelFilePath = optimised;
        Session = new(path, _options);
    }

    public InferenceSession Session { get; }

    /// <param name="crops">count x 112 x 112 RGB bytes.</param>
    /// <returns>count x 512 values.</returns>
    public float[] Embed(ReadOnlySpan<byte> crops, int count)
    {
        const int pixels = EdgeFaceConfig.CropSize * EdgeFaceConfig.CropSize;
        var planes = new float[crops.Length];
        for (var i = 0; i < crops.Length; i++) planes[i / (3 * pixels) * 3 * pixels + i % 3 * pixels + i / 3 % pixels] = crops[i] / 127.5f - 1;
        using var run = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(planes, [count, 3, EdgeFaceConfig.CropSize, EdgeFaceConfig.CropSize]);
        using var output = Session.Run(run, ["input"], [input], ["embedding"]);
        Assert.Equal([count, EdgeFaceConfig.EmbeddingSize], output[0].GetTensorTypeAndShape().Shape);
        return output[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>How many nodes of an operator a file has, judged by the field that names it.</summary>
    public static int Nodes(string path, string op)
    {
        ReadOnlySpan<byte> file = File.ReadAllBytes(path), field = [4 << 3 | 2, (byte)op.Length, .. Encoding.UTF8.GetBytes(op)];
        return file.Count(field);
    }

    public void Dispose()
    {
        Session.Dispose();
        _options.Dispose();
    }
}
