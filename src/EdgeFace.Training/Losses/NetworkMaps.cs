using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Losses;

/// <summary>The maps of two networks after each block, a list for each stage: (images, height, width, channels).</summary>
readonly record struct NetworkMaps(IReadOnlyList<IReadOnlyList<Tensor>> Student, IReadOnlyList<IReadOnlyList<Tensor>> Teacher);
