using TorchSharp.Modules;

namespace EdgeFace.Training.Network;

/// <summary>The parameters of a bank whose names begin alike, as one module of the network sees them.</summary>
readonly record struct BankScope(ParameterBank Bank, string Prefix)
{
    public Parameter this[string name] => Bank[Prefix + name];

    public BankScope In(string name) => this with { Prefix = $"{Prefix}{name}." };

    /// <summary>The linear layer of a name: LoRaLin where the network has it, else a plain one.</summary>
    public LinearLayer Linear(string name)
    {
        var layer = In(name);
        return Bank.Has(layer.Prefix + "weight") ? new PlainLinear(layer["weight"], layer["bias"])
            : new LoRaLin(layer["linear1.weight"], layer["linear2.weight"], layer["linear2.bias"]);
    }
}
