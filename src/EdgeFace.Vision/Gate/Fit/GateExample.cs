namespace EdgeFace.Vision;

/// <summary>A face as the gate sees it.</summary>
/// <param name="Vector">Its embedding.</param>
/// <param name="Facts">Of its crop.</param>
/// <param name="Own">Its score with itself before it was changed.</param>
sealed record GateExample(float[] Vector, CropFacts Facts, float Own)
{
    /// <summary>What the regression takes.</summary>
    public double[] Values(float[][] centres)
    {
        var values = new double[ModelGate.FactNames.Count + 1 + centres.Length];
        FaceGate.Measure(Vector, Facts, centres, values);
        return values;
    }
}
