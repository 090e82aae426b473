namespace EdgeFace.Vision;

/// <summary>What a <see cref="FaceAnalyzer"/> makes crops from. Embeddings of different inputs have different contracts.</summary>
public enum AnalyzerInput
{
    /// <summary>Pictures, in which it finds the faces.</summary>
    Photos,

    /// <summary>Pictures whose faces' landmarks are listed: nothing is searched for.</summary>
    ListedLandmarks,

    /// <summary>Crops that were aligned elsewhere.</summary>
    Crops,
}
