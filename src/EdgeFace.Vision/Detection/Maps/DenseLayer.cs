using EdgeFace.Kernels;

namespace EdgeFace.Vision.Detection.Maps;

/// <summary>A convolution that is a matrix product, and what follows it.</summary>
readonly record struct DenseLayer(string Name, PackedMatrix Weight, Activation Activation);
