namespace EdgeFace.Training.Optimisers;

/// <summary>What moves matrices of linear layers.</summary>
enum MatrixOptimiser
{
    /// <summary>Muon, with a rate of its own.</summary>
    Muon,

    /// <summary>AdamW, with the rate of everything else.</summary>
    AdamW,
}
