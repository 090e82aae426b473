namespace EdgeFace.Training.Heads;

/// <summary>How the right person is made harder to find.</summary>
enum Margin
{
    /// <summary>s (cos a - m): Wang et al., 2018.</summary>
    CosFace,

    /// <summary>s cos(a + m): Deng et al., 2019.</summary>
    ArcFace,

    /// <summary>
    /// s (cos(a - m z) - m z - m), z between -1 and 1 by the length of the raw embedding: Kim et al., 2022. As their code has it, angles
    /// stay 0.001 within 0 and pi.
    /// </summary>
    AdaFace,
}
