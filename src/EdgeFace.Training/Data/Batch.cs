namespace EdgeFace.Training.Data;

/// <summary>The views of one step and what is known of them.</summary>
/// <param name="First">The number of the first view.</param>
/// <param name="Views">count x 112 x 112 x 3 bytes.</param>
/// <param name="Teacher">count x 512 values, each embedding of length 1; empty without a teacher.</param>
/// <param name="People">count numbers of people; empty where they are not asked for.</param>
sealed record Batch(long First, byte[] Views, float[] Teacher, int[] People);
