using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Losses;

/// <summary>What a loss sees of one batch.</summary>
/// <param name="Student">Embeddings of length 1 by the network in training: (images, 512).</param>
/// <param name="Teacher">Embeddings of length 1 by the teacher: (images, 512).</param>
/// <param name="Maps">What both are made from; null where no part of the loss asks.</param>
readonly record struct EmbeddingBatch(Tensor Student, Tensor Teacher, NetworkMaps? Maps = null);
