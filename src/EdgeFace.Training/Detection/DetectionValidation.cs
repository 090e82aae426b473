using System.Numerics;
using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Vision;
using EdgeFace.Weights;

namespace EdgeFace.Training.Detection;

/// <summary>
/// Measures a detector by EdgeFace's own evaluation on annotated pictures: average precision of all and of each group of pictures, by the name
/// up to its first '-', and recall at 0.1 false detections a picture.
/// </summary>
sealed class DetectionValidation : IDisposable
{
    const float MinScore = 0.05f;
    const double FalsePositives = 0.1;

    readonly AnnotatedPicture[] _pictures;
    readonly ModelFile _partner;
    readonly bool _partnerIsRefiner;

    /// <param name="set">The value of the field 'set' of the pictures; null for all.</param>
    /// <exception cref="DataSetException">The list cannot be read, or has no such picture.</exception>
    public DetectionValidation(string list, string? set, string partner, bool partnerIsRefiner)
    {
        _pictures = PicturesOf(list, set);
        if (_pictures.Length == 0) throw new DataSetException(list, null, $"pictures of the set '{set}'", "none");
        Groups = [.. _pictures.Select(GroupOf).Distinct().Order(StringComparer.Ordinal)];
        (_partner, _partnerIsRefiner) = (ModelFile.Open(partner), partnerIsRefiner);
    }

    /// <summary>The pictures of a list that are measured on.</summary>
    public static AnnotatedPicture[] PicturesOf(string list, string? set)
        => [.. AnnotatedPictures.Read(list).Pictures.Where(p => set is null || p.Fields.GetValueOrDefault("set") == set)];

    /// <summary>The groups of pictures.</summary>
    public IReadOnlyList<string> Groups { get; }

    /// <summary>Average precision and recall of all, then average precision of each group.</summary>
    public double?[] Measure(ModelFile model, int threads)
    {
        var options = new DetectorOptions { MinScore = MinScore };
        using var detector = _partnerIsRefiner ? new FaceDetector(model, _partner, options) : new FaceDetector(_partner, model, options);
        var looked = new DetectionPicture[_pictures.Length];
        Parallel.For(0, looked.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
        {
            var image = ImageCodec.Decode(_pictures[i].Image.Read(), source: _pictures[i].Image.Name);
            looked[i] = new(_pictures[i].Faces, [.. detector.Detect(image).Select(Detected)]);
        });
        var all = Of(_ => true);
        var groups = Groups.Select(g => Of(p => GroupOf(p) == g).All.AveragePrecision.Value);
        return [all.All.AveragePrecision.Value, all.All.RecallAtRates[0].Value, .. groups];

        DetectionResult Of(Func<AnnotatedPicture, bool> isOf)
            => DetectionProtocol.Evaluate([.. looked.Where((_, i) => isOf(_pictures[i]))], new() { FalsePositiveRates = [FalsePositives] }, Few);
    }

    // Intervals are not shown.
    static readonly PersonBootstrap Few = new(100);

    static string GroupOf(AnnotatedPicture picture) => Path.GetFileName(picture.Image.Name).Split('-')[0];

    static DetectedFace Detected(Face face)
    {
        var (l, b) = (face.Landmarks, face.Box);
        Vector2 left = new(l.LeftMouth.X, l.LeftMouth.Y), right = new(l.RightMouth.X, l.RightMouth.Y);
        return new(new(b.Left, b.Top, b.Right, b.Bottom), face.Score,
            new(new(l.LeftEye.X, l.LeftEye.Y), new(l.RightEye.X, l.RightEye.Y), new(l.Nose.X, l.Nose.Y), (left + right) / 2));
    }

    public void Dispose() => _partner.Dispose();
}
