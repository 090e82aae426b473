using EdgeFace.Vision;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFace.Bench;

/// <summary>
/// YuNet in ONNX Runtime on a picture of one size, its input bound once: the network alone, or with what comes before and after it as OpenCV
/// does it (planes B, G, R of the padded picture; cells whose score reaches a threshold; suppression).
/// </summary>
sealed class OnnxYuNet : IDisposable
{
    const float LeastScore = 0.5f, Overlap = 0.3f;

    static readonly string[] Outputs
        = [.. ((string[])["cls", "obj", "bbox", "kps"]).SelectMany(kind => ((int[])[8, 16, 32]).Select(stride => $"{kind}_{stride}"))];

    readonly SessionOptions _options = new()
    {
        IntraOpNumThreads = 1,
        InterOpNumThreads = 1,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
    };

    readonly RunOptions _run = new();
    readonly InferenceSession _session;
    readonly RgbImage _image;
    readonly int _width, _height;
    readonly float[] _planes;
    readonly OrtValue _input;

    public OnnxYuNet(string path, RgbImage image)
    {
        _session = new InferenceSession(path, _options);
        (_image, _width, _height) = (image, (image.Width + 31) / 32 * 32, (image.Height + 31) / 32 * 32);
        _planes = new float[3 * _width * _height];
        _input = OrtValue.CreateTensorValueFromMemory(_planes, [1, 3, _height, _width]);
        Prepare();
    }

    /// <summary>The network alone.</summary>
    public void RunNetwork()
    {
        using var outputs = _session.Run(_run, ["input"], [_input], Outputs);
    }

    /// <summary>From pixels to faces.</summary>
    public List<(Box Box, float Score)> Detect()
    {
        Prepare();
        using var outputs = _session.Run(_run, ["input"], [_input], Outputs);
        var found = new List<(Box Box, float Score)>();
        for (var level = 0; level < 3; level++)
        {
            var stride = 8 << level;
            ReadOnlySpan<float> cls = outputs[level].GetTensorDataAsSpan<float>(), obj = outputs[3 + level].GetTensorDataAsSpan<float>();
            var box = outputs[6 + level].GetTensorDataAsSpan<float>();
            for (var i = 0; i < cls.Length; i++)
            {
                var score = MathF.Sqrt(cls[i] * obj[i]);
                if (score < LeastScore) continue;
                float x = (i % (_width / stride) + box[4 * i]) * stride, y = (i / (_width / stride) + box[4 * i + 1]) * stride;
                float halfWidth = MathF.Exp(box[4 * i + 2]) * stride / 2, halfHeight = MathF.Exp(box[4 * i + 3]) * stride / 2;
                found.Add((new(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight), score));
            }
        }
        var kept = new List<(Box Box, float Score)>();
        foreach (var face in found.OrderByDescending(f => f.Score))
            if (kept.TrueForAll(k => k.Box.IntersectionOverUnion(face.Box) <= Overlap)) kept.Add(face);
        return kept;
    }

    void Prepare()
    {
        int plane = _width * _height, line = 3 * _image.Width;
        for (var y = 0; y < _image.Height; y++)
        {
            var row = _image.Pixels.Slice(y * line, line);
            Span<float> b = _planes.AsSpan(y * _width, _image.Width), g = _planes.AsSpan(plane + y * _width, _image.Width);
            var r = _planes.AsSpan(2 * plane + y * _width, _image.Width);
            for (var x = 0; x < b.Length; x++) (r[x], g[x], b[x]) = (row[3 * x], row[3 * x + 1], row[3 * x + 2]);
        }
    }

    public void Dispose()
    {
        _input.Dispose();
        _session.Dispose();
        _run.Dispose();
        _options.Dispose();
    }
}
