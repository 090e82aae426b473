namespace EdgeFace.Evaluation;

/// <summary>A calibration that cannot be used: not a calibration, for another model, or without the threshold asked for.</summary>
public class CalibrationException(string message, Exception? inner = null) : EdgeFaceException(message, ErrorKind.Input, inner);

/// <summary>A calibration of other embeddings. Thresholds of one model, or of one crop and mirror sum, mean nothing for another.</summary>
public sealed class CalibrationMismatchException : CalibrationException
{
    internal CalibrationMismatchException(IReadOnlyList<EmbeddingContract> calibrated, EmbeddingContract found)
        : base($"the calibration is of embeddings by {string.Join(", and by ", calibrated.Select(Describe))}; "
            + $"these are by {Describe(found)}. Calibrate again with this model and pipeline")
        => (Calibrated, Found, Kind) = (calibrated, found, ErrorKind.Request);

    /// <summary>The contracts that the calibration holds thresholds for.</summary>
    public IReadOnlyList<EmbeddingContract> Calibrated { get; }

    /// <summary>The contract it was asked for.</summary>
    public EmbeddingContract Found { get; }

    static string Describe(EmbeddingContract c)
        => $"model '{c.Model}' (weights {(c.WeightsSha256.Length > 12 ? c.WeightsSha256[..12] : c.WeightsSha256)}, "
            + $"{c.Dimension} values, preprocessing '{c.Preprocessing}', aligner '{c.Aligner}')";
}
