namespace EdgeFace.Models;

/// <summary>Writes the values of a parameter, as floats and all finite; the span has as many places as the parameter values.</summary>
delegate void ParameterReader(string name, Span<float> values);

/// <summary>
/// The parameters of a network while it is packed. Their values lie in working memory that is used again for the next layer, so that packing
/// needs little more memory than the packed weights, whose pages cost more time than their arithmetic.
/// </summary>
/// <param name="isInt8">Whether a linear layer's parameter is computed in bytes.</param>
sealed class Parameters(ParameterReader read, Func<string, bool> isInt8)
{
    // Enough for any layer of the small networks; what is not used of it is never touched.
    float[] _memory = GC.AllocateUninitializedArray<float>(1 << 18);
    int _used;

    public bool IsInt8(string name) => isInt8(name);

    /// <summary>A copy of a parameter's values, which may be changed; valid until <see cref="Release"/>.</summary>
    public Memory<float> Read(string name, int count)
    {
        var values = Take(count);
        read(name, values.Span);
        return values;
    }

    /// <summary>Zeros, valid until <see cref="Release"/>.</summary>
    public Memory<float> Zeros(int count)
    {
        var values = Take(count);
        values.Span.Clear();
        return values;
    }

    /// <summary>Called when a layer was packed: its memory is used for the next one.</summary>
    public void Release() => _used = 0;

    Memory<float> Take(int count)
    {
        if (count > _memory.Length - _used)
        {
            // What was taken before keeps the old array alive.
            _memory = GC.AllocateUninitializedArray<float>(Math.Max(count, 2 * _memory.Length));
            _used = 0;
        }
        _used += count;
        return _memory.AsMemory(_used - count, count);
    }
}
