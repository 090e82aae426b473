namespace EdgeFace.Evaluation.Data;

/// <summary>The benchmarks that the networks' authors publish figures for.</summary>
public enum Benchmark
{
    /// <summary>LFW, view 2.</summary>
    Lfw,

    /// <summary>CFP, frontal against profile.</summary>
    CfpFp,

    /// <summary>AgeDB-30.</summary>
    AgeDb30,

    /// <summary>IJB-B.</summary>
    IjbB,

    /// <summary>IJB-C.</summary>
    IjbC,
}
