namespace EdgeFace.Kernels;

/// <summary>The outputs of one or two vectors of a <see cref="PackedMatrix8"/>.</summary>
/// <param name="weights">The first group of inputs' weights.</param>
/// <param name="step">Bytes from one group of inputs to the next.</param>
/// <param name="steps">Groups of inputs.</param>
readonly unsafe struct BytePanel(sbyte* weights, nint step, int steps, int* sums, float* scale, float* bias)
{
    public readonly sbyte* Weights = weights;
    public readonly nint Step = step;
    public readonly int Steps = steps;
    public readonly int* Sums = sums;
    public readonly float* Scale = scale;
    public readonly float* Bias = bias;

    /// <summary>Without the first outputs.</summary>
    public BytePanel From(int outputs, int group) => new(Weights + outputs * group, Step, Steps, Sums + outputs, Scale + outputs, Bias + outputs);
}
