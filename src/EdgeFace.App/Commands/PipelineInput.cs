using System.CommandLine;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary>The options that say which models are used, and how faces are looked for.</summary>
sealed class PipelineInput
{
    public Option<string?> Model { get; } = CommonOptions.Model();

    public Option<bool> Aligned { get; } = CommonOptions.Aligned();

    /// <summary>Not of commands whose gallery says it.</summary>
    public Option<bool> MirrorSum { get; } = CommonOptions.MirrorSum();

    public Option<int> MinFace { get; } = CommonOptions.MinFace();

    public Option<string?> Detector { get; } = CommonOptions.Detector();

    public PipelineOptions Of(ParseResult parsed) => Of(parsed, parsed.GetValue(MirrorSum));

    public PipelineOptions Of(ParseResult parsed, bool mirrorSum) => new()
    {
        Model = parsed.GetValue(Model) ?? ModelCatalogue.DefaultRecogniser,
        Detector = parsed.GetValue(Detector) ?? ModelCatalogue.DefaultDetector,
        Input = parsed.GetValue(Aligned) ? AnalyzerInput.Crops : AnalyzerInput.Photos,
        MirrorSum = mirrorSum,
        MinFaceSize = parsed.GetValue(MinFace),
    };
}
