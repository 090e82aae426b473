namespace EdgeFace.Training.Data;

/// <summary>The views of one step and what the teacher says of them.</summary>
/// <param name="Views">count x 112 x 112 x 3 bytes.</param>
/// <param name="Teacher">count x 512 values, each embedding of length 1.</param>
sealed record DistilBatch(byte[] Views, float[] Teacher);
