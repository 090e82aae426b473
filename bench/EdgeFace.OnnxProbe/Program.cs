using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

// What tests/EdgeFace.Probe embed does, by ONNX Runtime: a model and a file of 112 x 112 x 3 bytes in, 512 float32 values on the standard output.
if (args is not [var model, var file])
{
    Console.Error.WriteLine("usage: MODEL.onnx FILE");
    return 2;
}
const int side = 112, pixels = side * side;
var crop = File.ReadAllBytes(file);
var planes = new float[3 * pixels];
for (var i = 0; i < planes.Length; i++) planes[i % 3 * pixels + i / 3] = crop[i] / 127.5f - 1;
var embedding = new float[512];
// For one embedding, optimising the graph takes longer than it saves.
using var options = new SessionOptions
{
    IntraOpNumThreads = 1, InterOpNumThreads = 1, GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
};
using var session = new InferenceSession(model, options);
using var run = new RunOptions();
using var input = OrtValue.CreateTensorValueFromMemory(planes, [1, 3, side, side]);
using var result = OrtValue.CreateTensorValueFromMemory(embedding, [1, embedding.Length]);
session.Run(run, ["input"], [input], ["embedding"], [result]);
using var output = Console.OpenStandardOutput();
output.Write(MemoryMarshal.AsBytes(embedding.AsSpan()));
return 0;
