namespace EdgeFace.Onnx;

/// <summary>A node of a graph as a file states it; the values of attributes as texts.</summary>
sealed record OnnxNode(string Operator, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyDictionary<string, string> Attributes);
