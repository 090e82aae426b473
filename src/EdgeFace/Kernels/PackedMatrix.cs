namespace EdgeFace.Kernels;

/// <summary>
/// A weight matrix [n][k] packed once for one kernel set: columns (outputs) cut into panels, each panel stored [k][width], so that the
/// micro-kernel reads it front to back. Outputs are padded with zeros to a multiple of 8.
/// </summary>
sealed unsafe class PackedMatrix : IDisposable
{
    readonly NativeBuffer _data;

    /// <param name="panels">Widths of the panels in floats; they sum to n rounded up to 8.</param>
    /// <param name="weight">[n][k], as PyTorch's linear and 1x1 convolution layers store it.</param>
    /// <param name="bias">n values, or empty for none.</param>
    public PackedMatrix(ReadOnlySpan<int> panels, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int n, int k)
    {
        if (weight.Length != (long)n * k || (bias.Length != n && bias.Length != 0))
            throw new ArgumentException($"a [{n}, {k}] weight with a bias of {n} or none is expected, got {weight.Length} and {bias.Length} values");
        Outputs = n;
        Inputs = k;
        Panels = panels.ToArray();
        var padded = KernelSet.Stride(n);
        _data = new NativeBuffer((long)padded * (k + 1));
        bias.CopyTo(new Span<float>(Bias, n));
        var target = Weights;
        var output = 0;
        foreach (var width in panels)
        {
            for (var j = 0; j < width && output < n; j++, output++)
            {
                var row = weight.Slice(output * k, k);
                var column = target + j;
                for (var i = 0; i < row.Length; i++, column += width) *column = row[i];
            }
            target += (long)width * k;
        }
    }

    /// <summary>n: number of outputs.</summary>
    public int Outputs { get; }

    /// <summary>k: number of inputs.</summary>
    public int Inputs { get; }

    public int[] Panels { get; }

    /// <summary>n values, padded with zeros to a multiple of 8.</summary>
    public float* Bias => _data.Pointer;

    /// <summary>The panels, one after another.</summary>
    public float* Weights => _data.Pointer + KernelSet.Stride(Outputs);

    public void Dispose() => _data.Dispose();
}
