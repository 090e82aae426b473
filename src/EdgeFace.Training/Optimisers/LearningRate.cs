namespace EdgeFace.Training.Optimisers;

/// <summary>How a rate falls after warm-up and plateau.</summary>
enum Decay
{
    /// <summary>Straight to the final share.</summary>
    Linear,

    /// <summary>Half a cosine to the final share.</summary>
    Cosine,

    /// <summary>(1 - t) to a power, to the final share.</summary>
    Polynomial,
}

/// <summary>The rate over a run as a share of the highest: up in a straight line, level, then down.</summary>
/// <param name="WarmUp">Views over which it rises.</param>
/// <param name="Hold">The share of all views at whose end the fall begins.</param>
/// <param name="Final">The share of the highest rate that is left at the end.</param>
/// <param name="Power">Of <see cref="Decay.Polynomial"/>.</param>
readonly record struct LearningRate(long Views, long WarmUp, Decay Decay, double Hold, double Final, double Power)
{
    /// <summary>The share of the highest rate for the batch that begins after <paramref name="seen"/> views.</summary>
    public double At(long seen)
    {
        if (seen < WarmUp) return (seen + 1.0) / (WarmUp + 1);
        var from = Math.Max(WarmUp, Hold * Views);
        if (seen <= from) return 1;
        var left = Math.Max(0, 1 - (seen - from) / Math.Max(1, Views - from));
        var fall = Decay switch
        {
            Decay.Cosine => (1 - Math.Cos(Math.PI * left)) / 2,
            Decay.Polynomial => Math.Pow(left, Power),
            _ => left,
        };
        return Final + (1 - Final) * fall;
    }
}
