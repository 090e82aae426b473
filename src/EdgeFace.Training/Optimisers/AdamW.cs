using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Optimisers;

/// <summary>AdamW (Loshchilov and Hutter, 2019) over one flat tensor: decay apart from the gradient, times the rate, as PyTorch has it; both moments
/// corrected for their start at zero.</summary>
sealed class AdamW(Tensor values, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) : IDisposable
{
    /// <summary>The running mean of gradients.</summary>
    public Tensor First { get; } = zeros_like(values).DetachFromDisposeScope();

    /// <summary>The running mean of their squares.</summary>
    public Tensor Second { get; } = zeros_like(values).DetachFromDisposeScope();

    /// <param name="step">The number of this step, from 1.</param>
    public void Step(Tensor gradients, long step, double rate, double decay)
        => Update(values, First, Second, gradients, step, rate, decay, beta1, beta2, epsilon);

    /// <summary>One step over values whose moments are kept elsewhere; all three change.</summary>
    public static void Update(Tensor values, Tensor first, Tensor second, Tensor gradients, long step, double rate, double decay,
        double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        first.mul_(beta1).add_(gradients, 1 - beta1);
        second.mul_(beta2).addcmul_(gradients, gradients, 1 - beta2);
        var spread = (second / (1 - Math.Pow(beta2, step))).sqrt_().add_(epsilon);
        values.mul_(1 - rate * decay).addcdiv_(first, spread, -rate / (1 - Math.Pow(beta1, step)));
    }

    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
    }
}
