using EdgeFace.Kernels;

namespace EdgeFace.Vision.Detection.Maps;

/// <summary>D(in, out, stride): depthwise 3 x 3 and pointwise convolution, each with ReLU.</summary>
readonly record struct SeparableLayer(PackedDepthwise Depthwise, DenseLayer Pointwise);
