using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Evaluation.Results;

namespace EdgeFace.App.Commands;

/// <summary>What a protocol is given of one model.</summary>
sealed record EvalInput(
    string Name, EmbeddingContract Contract, DataSet Set, EmbeddedImages Images, LabelFile? Labels, IReadOnlyList<ImageQuality> Qualities);
