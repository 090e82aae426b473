namespace EdgeFace.Onnx;

/// <summary>A constant of a graph.</summary>
/// <param name="Type">As onnx.proto numbers it.</param>
sealed record OnnxConstant(int[] Shape, int Type, byte[] Bytes);
