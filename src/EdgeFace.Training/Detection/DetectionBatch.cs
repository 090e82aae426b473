namespace EdgeFace.Training.Detection;

/// <summary>The views of one step and what the network is to say of them.</summary>
/// <param name="Views">count x side x side x 3 bytes.</param>
/// <param name="Targets">The targets of each view, one after another.</param>
sealed record DetectionBatch(byte[] Views, float[] Targets);
