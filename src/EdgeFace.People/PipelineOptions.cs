using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>Which models a <see cref="FacePipeline"/> opens, and how it looks for faces.</summary>
public sealed record PipelineOptions
{
    /// <summary>The recogniser: a name of the <see cref="ModelCatalogue"/>, or a file (.efw, .safetensors, .pt).</summary>
    public string Model { get; init; } = ModelCatalogue.DefaultRecogniser;

    /// <summary>
    /// The face detector: a name of the catalogue, or a file (YuNet's .onnx or .efw, or a first stage, .efw, which is used with the refiner that
    /// lies beside it, detector.efw with refiner.efw, or with the embedded one).
    /// </summary>
    public string Detector { get; init; } = ModelCatalogue.DefaultDetector;

    /// <summary>What the pictures are: photos, aligned crops, or photos whose faces' landmarks the caller knows.</summary>
    public AnalyzerInput Input { get; init; } = AnalyzerInput.Photos;

    /// <summary>Whether the embedding of each crop's mirror image is added: twice the time, fewer misses. Part of the contract.</summary>
    public bool MirrorSum { get; init; }

    /// <summary>
    /// Narrower faces, in pixels of the picture, are left out; at least 0, which leaves out none. Faces down to 24 pixels are searched for, or only
    /// down to this width where it is more, which is faster on large pictures.
    /// </summary>
    public int MinFaceSize { get; init; }

    /// <summary>The least score of a face, in (0, 1); null for what the detector's card says.</summary>
    public float? MinScore { get; init; }

    /// <summary>
    /// Whether every picture is searched turned by 90, 180 and 270 degrees too, at every size; otherwise only where nothing was found upright.
    /// </summary>
    public bool AnyOrientation { get; init; }
}
