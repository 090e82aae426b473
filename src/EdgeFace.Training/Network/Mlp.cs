using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Network;

/// <summary>fc2(gelu(fc1(x))) with the exact GELU.</summary>
sealed class Mlp : Module<Tensor, Tensor>
{
    readonly Module<Tensor, Tensor> _fc1, _fc2;

    public Mlp(BankScope scope) : base(nameof(Mlp))
    {
        register_module("fc1", _fc1 = scope.Linear("fc1"));
        register_module("fc2", _fc2 = scope.Linear("fc2"));
    }

    public override Tensor forward(Tensor input) => _fc2.forward(functional.gelu(_fc1.forward(input)));
}
