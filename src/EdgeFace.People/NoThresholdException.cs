namespace EdgeFace.People;

/// <summary>A model whose card has no thresholds cannot decide by itself.</summary>
public sealed class NoThresholdException : EdgeFaceException, IEndsAll
{
    internal NoThresholdException(ModelCard card)
        : base($"the model '{card.Name}' has no calibrated thresholds: give a threshold or a calibration. "
            + "Which one is right depends on the model; calibrate it on photos like yours.", ErrorKind.Request)
        => Model = card.Name;

    /// <summary>The model's name.</summary>
    public string Model { get; }
}
