namespace EdgeFace.Weights;

/// <summary>The one place that renames the keys of foreign files to the names of the parameter manifest.</summary>
static class KeyRemap
{
    /// <summary>What the official checkpoints of EdgeFace put before every name.</summary>
    public const string Prefix = "model.";

    const string Packed = "._packed_params._packed_params";

    /// <summary>The manifest's name, or null for what describes only how PyTorch would run a quantised layer.</summary>
    public static string? Rename(string key)
    {
        if (key.StartsWith(Prefix, StringComparison.Ordinal)) key = key[Prefix.Length..];
        return key.EndsWith("._packed_params.dtype", StringComparison.Ordinal) ? null : key;
    }

    /// <summary>Whether the key holds the (weight, bias) pair of a dynamically quantised linear layer; layer is then its name.</summary>
    public static bool IsPackedLinear(string key, out string layer)
    {
        var packed = key.EndsWith(Packed, StringComparison.Ordinal);
        layer = packed ? key[..^Packed.Length] : key;
        return packed;
    }

    /// <summary>Whether the key is the activation scale or zero point of a quantised layer, which plays no part in de-quantised weights.</summary>
    public static bool IsActivationQuantiser(string key, Func<string, bool> isPackedLayer)
        => (key.EndsWith(".scale", StringComparison.Ordinal) && isPackedLayer(key[..^".scale".Length]))
            || (key.EndsWith(".zero_point", StringComparison.Ordinal) && isPackedLayer(key[..^".zero_point".Length]));
}
