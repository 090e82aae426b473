using EdgeFace.Vision;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFace.People;

/// <summary>
/// What <see cref="EdgeFaceServices.AddEdgeFace(IServiceCollection, Action{EdgeFaceOptions}?)"/> opens. Of all options these alone can be set after
/// they were made, as configuration and <c>Configure</c> do.
/// </summary>
public sealed class EdgeFaceOptions
{
    static readonly PipelineOptions Pipeline = new();

    /// <summary>
    /// Where the gallery lies: a file, or what a registered store knows how to read. It is created where there is none. Null: there is no
    /// gallery, and photos are only analysed and compared.
    /// </summary>
    public string? Gallery { get; set; }

    /// <summary>The file of the gallery's key; null reads the variable EDGEFACE_GALLERY_KEY, and without it the gallery is not encrypted.</summary>
    public string? KeyFile { get; set; }

    /// <summary>Of a new gallery: most samples a person may have, 1 to 1000.</summary>
    public int MostSamplesPerPerson { get; set; } = 10;

    /// <summary><see cref="PipelineOptions.Model"/>.</summary>
    public string Model { get; set; } = Pipeline.Model;

    /// <summary><see cref="PipelineOptions.Detector"/>.</summary>
    public string Detector { get; set; } = Pipeline.Detector;

    /// <summary><see cref="PipelineOptions.Input"/>.</summary>
    public AnalyzerInput Input { get; set; } = Pipeline.Input;

    /// <summary><see cref="PipelineOptions.MirrorSum"/>.</summary>
    public bool MirrorSum { get; set; }

    /// <summary><see cref="PipelineOptions.MinFaceSize"/>.</summary>
    public int MinFaceSize { get; set; }

    /// <summary><see cref="DecisionOptions.Fmr"/>.</summary>
    public double Fmr { get; set; } = new DecisionOptions().Fmr;

    /// <summary><see cref="DecisionOptions.Calibration"/>.</summary>
    public string? Calibration { get; set; }

    /// <summary><see cref="DecisionOptions.Threshold"/>.</summary>
    public double? Threshold { get; set; }

    internal PipelineOptions ToPipeline() => new()
    {
        Model = Model, Detector = Detector, Input = Input, MirrorSum = MirrorSum, MinFaceSize = MinFaceSize,
    };

    internal DecisionOptions ToDecision() => new() { Fmr = Fmr, Calibration = Calibration, Threshold = Threshold };
}
