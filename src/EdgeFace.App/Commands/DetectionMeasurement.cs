using System.Numerics;
using EdgeFace.App.Reports;
using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary>What detectors find in annotated pictures, and how good that is.</summary>
static class DetectionMeasurement
{
    /// <summary>The detectors that stand side by side.</summary>
    public static MeasuredDetector[] Open(string[] names, int minFace, float minScore)
    {
        return [.. (names.Length > 0 ? names : (string?[])[null]).Select(Opened)];

        MeasuredDetector Opened(string? name)
        {
            var detector = CommonOptions.OpenDetector(name, minFace, minScore);
            // The hashes of the weights behind the names are told with the version.
            return new(detector.Version.Split(':')[0], Math.Round(detector.RecommendedScore, 6), detector);
        }
    }

    public static SearchedPicture Look(AnnotatedPicture picture, MeasuredDetector[] detectors)
    {
        var name = picture.Image.Name;
        using var leased = ImageCodec.Lease(picture.Image.Read(), default, name);
        var image = leased.Image;
        if (picture.Size is { } size && size != (image.Width, image.Height))
            throw new InputException($"{name}: annotated as {size.Width} x {size.Height} pixels, upright it has {image.Width} x {image.Height}");
        return new(picture, [.. detectors.Select(d => d.Detector.Detect(image).Select(Found).ToArray())]);
    }

    static DetectedFace Found(Face face)
    {
        var (box, l) = (face.Box, face.Landmarks);
        var points = new FacePoints(At(l.LeftEye), At(l.RightEye), At(l.Nose), (At(l.LeftMouth) + At(l.RightMouth)) / 2);
        return new(new FaceBox(box.Left, box.Top, box.Right, box.Bottom), face.Score, points);

        static Vector2 At(Vision.Point p) => new(p.X, p.Y);
    }

    public static DetectorResult Evaluate(
        MeasuredDetector detector, int index, SearchedPicture[] looked, Func<AnnotatedPicture, string?>? group, DetectionOptions options)
    {
        var all = Of(looked);
        DetectionGroup[] groups = group is null ? [] : [.. looked.GroupBy(l => group(l.Picture)).Where(g => g.Key is not null)
            .OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new DetectionGroup(g.Key!, Of(g)))];
        return new(detector.Name, detector.Detector.Version, all, groups,
            [.. all.HighestFalse.Select(f => new NotedDetection(looked[f.Picture].Picture.Image, looked[f.Picture].Found[index][f.Detection]))]);

        DetectionResult Of(IEnumerable<SearchedPicture> part)
            => DetectionProtocol.Evaluate([.. part.Select(l => new DetectionPicture(l.Picture.Faces, l.Found[index]))], options);
    }
}
