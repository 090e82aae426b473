using System.Numerics;
using EdgeFace.Evaluation;

namespace EdgeFace.Tests.Evaluation.Detection;

/// <summary>Figures of small lists that a hand can compute.</summary>
public sealed class DetectionProtocolTests
{
    // Faces of 30 x 30 pixels in a row, far apart.
    static FaceBox Place(int number, float size = 30) => new(100 * number, 0, 100 * number + size, size);

    static AnnotatedFace Face(int number, float size = 30) => new(Place(number, size));

    static DetectedFace Found(int number, float score, float size = 30) => new(Place(number, size), score);

    static DetectionPicture Picture(AnnotatedFace[] faces, params DetectedFace[] found) => new(faces, found);

    static DetectionResult Evaluate(params DetectionPicture[] pictures) => DetectionProtocol.Evaluate(pictures);

    static FacePoints Points(float scale = 1, float x = 0, float y = 0)
        => new(new(x + 10 * scale, y + 10 * scale), new(x + 20 * scale, y + 10 * scale), new(x + 15 * scale, y + 16 * scale),
            new(x + 15 * scale, y + 22 * scale));

    [Fact]
    public void Average_precision_is_the_area_under_the_highest_precision_at_each_recall_or_more()
    {
        // Precision 1 at recall 1/3, then 1/2, then 2/3 at recall 2/3; the third face is missed.
        Assert.Equal(1 / 3.0 + 1 / 3.0 * (2 / 3.0), Evaluate(Picture([Face(0), Face(1)], Found(0, 0.9f), Found(1, 0.7f)),
            Picture([Face(0)], Found(5, 0.8f))).All.AveragePrecision.Value!.Value, 12);
        // Precision 1/2 at recall 1/2 is raised to the 2/3 that follows at recall 1.
        Assert.Equal(2 / 3.0, Evaluate(Picture([Face(0), Face(1)], Found(5, 0.9f), Found(0, 0.8f),
            Found(1, 0.7f))).All.AveragePrecision.Value!.Value, 12);
    }

    [Fact]
    public void Equal_scores_count_together_whatever_the_order_of_pictures_and_detections()
    {
        DetectionPicture right = Picture([Face(0)], Found(0, 0.8f)), wrong = Picture([], Found(0, 0.8f));
        Assert.Equal(0.5, Evaluate(right, wrong).All.AveragePrecision.Value);
        Assert.Equal(0.5, Evaluate(wrong, right).All.AveragePrecision.Value);
        // Both have found the face with one score: the left one is taken, in either order.
        var slightly = new DetectedFace(new(2, 0, 32, 30), 0.8f, Points());
        var exactly = new DetectedFace(Place(0), 0.8f);
        foreach (var order in (DetectedFace[][])[[slightly, exactly], [exactly, slightly]])
        {
            var result = Evaluate(Picture([new(Place(0), Points())], order));
            Assert.Equal((1L, 1L, 0L), (result.Scores[0].TruePositives, result.Scores[0].FalsePositives, result.All.Landmarks.Faces));
        }
    }

    [Fact]
    public void A_second_detection_of_a_face_is_false_and_each_takes_the_face_it_overlaps_most()
    {
        var twice = Evaluate(Picture([Face(0)], Found(0, 0.9f), new(new(1, 1, 31, 31), 0.8f))).Scores[0];
        Assert.Equal((1L, 1L), (twice.TruePositives, twice.FalsePositives));
        // Two faces that overlap: the surer detection lies nearer to the second.
        AnnotatedFace[] faces = [new(new(0, 0, 30, 30)), new(new(10, 0, 40, 30))];
        var result = Evaluate(Picture([faces[0] with { Label = "left" }, faces[1] with { Label = "right" }],
            new DetectedFace(new(9, 0, 39, 30), 0.9f)));
        Assert.Equal([0, 1], result.Labels.OrderBy(l => l.Name).Select(l => l.RecallAtScores[0].Value!.Value));
    }

    [Theory]
    [InlineData(0.35, 13.0f, true)]   // 17 of 43 columns are shared: 0.395
    [InlineData(0.35, 15.0f, false)]  // 15 of 45: 0.333
    [InlineData(0.33, 15.0f, true)]
    public void A_box_is_found_from_an_intersection_over_union_on(double least, float shift, bool found)
    {
        var picture = Picture([Face(0)], new DetectedFace(new(shift, 0, shift + 30, 30), 0.9f));
        Assert.Equal(found ? 1 : 0, DetectionProtocol.Evaluate([picture], new() { MinIou = least }).All.RecallAtScores[0].Value);
    }

    [Theory]
    [InlineData(0, 0, 60, 60, true)]      // as wide as six distances of the eyes
    [InlineData(0, 0, 60.1f, 60, false)]
    [InlineData(10, 10, 20, 22, true)]    // all points on its sides
    [InlineData(10.1f, 10, 20, 22, false)]
    [InlineData(10, 10, 20, 21.9f, false)]
    [InlineData(10, 10, 19.9f, 22, false)]
    [InlineData(10, 10.1f, 20, 22, false)]
    public void Points_are_found_by_a_detection_that_holds_all_four_and_is_not_too_wide(float left, float top, float right, float bottom, bool found)
        => Assert.Equal(found ? 1 : 0, Evaluate(Picture([new AnnotatedFace(null, Points())],
            new DetectedFace(new(left, top, right, bottom), 0.9f))).All.RecallAtScores[0].Value);

    [Fact]
    public void Of_two_faces_of_points_in_one_detection_the_better_fitting_one_is_found()
    {
        AnnotatedFace small = new(null, Points(0.5f, 12, 12)) { Label = "small" }, large = new(null, Points()) { Label = "large" };
        var extent = large.Extent();
        var result = Evaluate(Picture([small, large], new DetectedFace(extent, 0.9f)));
        Assert.Equal([("large", 1.0), ("small", 0.0)], result.Labels.Select(l => (l.Name, l.RecallAtScores[0].Value!.Value)));
    }

    [Fact]
    public void Ignored_faces_count_neither_as_found_nor_as_missed_nor_their_detections_as_false()
    {
        var ignored = Face(1) with { IsIgnored = true };
        var result = Evaluate(Picture([Face(0), ignored], Found(0, 0.9f), Found(1, 0.8f), new DetectedFace(new(101, 1, 131, 31), 0.7f),
            Found(5, 0.6f)), Picture([ignored]));
        Assert.Equal((1L, 2L, 1L, 1L), (result.All.Faces, result.IgnoredFaces, result.Scores[0].TruePositives, result.Scores[0].FalsePositives));
        Assert.Equal((1.0, 0), (result.All.AveragePrecision.Value, result.PicturesWithoutFaces));
        // A face that counts goes before an ignored one that fits better.
        var both = Evaluate(Picture([new(new(8, 0, 38, 30)), Face(0) with { IsIgnored = true }], Found(0, 0.9f)));
        Assert.Equal(1, both.All.RecallAtScores[0].Value);
        // The second detection of a face that counts is false, also where an ignored one lies beside it.
        var twice = Evaluate(Picture([new(new(8, 0, 38, 30)), Face(0) with { IsIgnored = true }], Found(0, 0.9f), Found(0, 0.8f)));
        Assert.Equal((1L, 1L), (twice.Scores[0].TruePositives, twice.Scores[0].FalsePositives));
    }

    [Fact]
    public void Without_faces_or_without_detections_figures_that_need_them_are_not_supported()
    {
        var none = Evaluate(Picture([], Found(0, 0.9f), Found(1, 0.55f)), Picture([]));
        Assert.False(none.All.AveragePrecision.IsSupported || none.All.RecallAtScores[0].IsSupported || none.All.Landmarks.Mean.IsSupported);
        Assert.Equal([(0.5, 2L, 1.0), (0.6, 1L, 0.5), (0.7, 1L, 0.5)],
            none.Scores.Select(s => (s.Score, s.OnPicturesWithoutFaces, s.PerPictureWithoutFaces.Value!.Value)));
        var silent = Evaluate(Picture([Face(0)]), Picture([Face(1)]));
        Assert.Equal((0.0, 0.0, 0.0), (silent.All.AveragePrecision.Value, silent.All.RecallAtScores[0].Value,
            silent.Scores[0].FalsePositivesPerPicture.Value));
        Assert.Contains("no detection reaches", silent.Scores[0].Precision.Unsupported);
        Assert.Contains("every picture shows", silent.Scores[0].PerPictureWithoutFaces.Unsupported);
        Assert.Empty(silent.Curve);
        Assert.Contains("no pictures", Assert.Throws<EvaluationDataException>(() => Evaluate()).Message);
    }

    [Fact]
    public void Recall_at_a_rate_of_false_detections_never_exceeds_it_and_needs_one_allowed()
    {
        // Ten pictures, one false detection allowed at 0.1: found at 0.9, false at 0.8, found at 0.7, false at 0.6, found at 0.5.
        DetectedFace[] found = [Found(0, 0.9f), Found(5, 0.8f), Found(1, 0.7f), Found(6, 0.6f), Found(2, 0.5f)];
        DetectionPicture[] pictures = [Picture([Face(0), Face(1), Face(2), Face(3)], found),
            .. Enumerable.Range(0, 9).Select(_ => Picture([]))];
        var result = DetectionProtocol.Evaluate(pictures, new() { FalsePositiveRates = [0.2, 0.05, 0.1, 1] });
        Assert.Equal([0.05, 0.1, 0.2, 1], result.Rates.Select(r => r.Target));
        Assert.Equal([null, 0.5, 0.75, 0.75], result.All.RecallAtRates.Select(r => r.Value));
        Assert.Equal([null, 0.7f, null, null], result.Rates.Select(r => (float?)r.Score).Select((s, i) => i == 0 ? null : s));
        Assert.Equal([0.1, 0.2, 0.2], result.Rates.Skip(1).Select(r => r.FalsePositivesPerPicture));
        Assert.Equal([(0.25, 1.0), (0.25, 0.5), (0.5, 2 / 3.0), (0.5, 0.5), (0.75, 0.6)], result.Curve.Select(p => (p.Recall, p.Precision)));
        Assert.Equal([5, 6], result.HighestFalse.Select(f => (int)pictures[f.Picture].Detected[f.Detection].Box.Left / 100));
    }

    [Fact]
    public void Landmark_errors_are_mean_distances_over_the_distance_of_the_annotated_eyes()
    {
        var there = new AnnotatedFace(Place(0), Points());
        DetectedFace Shifted(float x, float score = 0.9f) => new(Place(0), score, Points(1, x));
        // Eyes are ten pixels apart: 0, 0.1, 0.3 of it; one below the recommended score, one without points.
        var result = Evaluate(Picture([there], Shifted(0)), Picture([there], Shifted(1)), Picture([there], Shifted(3)),
            Picture([there], Shifted(9, 0.4f)), Picture([there], Found(0, 0.9f)));
        var errors = result.All.Landmarks;
        Assert.Equal(3, errors.Faces);
        Assert.Equal((0.4 / 3, 0.1, 0.3), (errors.Mean.Value!.Value, errors.Median.Value!.Value, errors.Percentile95.Value!.Value), new Near());
        Assert.Equal(3, result.Sizes[1].Landmarks.Faces);
        // Only one of four points off by two pixels.
        var nose = Points() with { Nose = new(17, 16) };
        Assert.Equal(0.05, Evaluate(Picture([there], new DetectedFace(Place(0), 0.9f, nose))).All.Landmarks.Mean.Value!.Value, 6);
    }

    sealed class Near : IEqualityComparer<(double, double, double)>
    {
        public bool Equals((double, double, double) a, (double, double, double) b)
            => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) + Math.Abs(a.Item3 - b.Item3) < 1e-6;

        public int GetHashCode((double, double, double) obj) => 0;
    }

    [Fact]
    public void Sizes_are_by_annotated_width_and_false_detections_by_their_own()
    {
        var result = Evaluate(Picture([Face(0, 23.9f), Face(1, 24), Face(2, 48), Face(3, 96)], Found(0, 0.9f, 23.9f), Found(1, 0.8f, 24),
            Found(6, 0.95f, 24), Found(3, 0.6f, 96)));
        Assert.Equal([("below 24", 1L), ("24 to 48", 1), ("48 to 96", 1), ("96 and above", 1)], result.Sizes.Select(s => (s.Name, s.Faces)));
        Assert.Equal([1, 0.5, 0, 1], result.Sizes.Select(s => s.AveragePrecision.Value!.Value));
        Assert.Equal([1, 1, 0, 1], result.Sizes.Select(s => s.RecallAtScores[0].Value!.Value));
        Assert.Equal(["any"], DetectionProtocol.Evaluate([Picture([Face(0)])], new() { SizeBounds = [] }).Sizes.Select(s => s.Name));
    }

    [Fact]
    public void Labels_have_a_recall_each_and_only_the_most_frequent_are_told()
    {
        var result = DetectionProtocol.Evaluate([Picture([Face(0) with { Label = "masked" }, Face(1) with { Label = "masked" },
            Face(2) with { Label = "bare" }, Face(3)], Found(0, 0.9f), Found(2, 0.8f))], new() { MostLabels = 1 });
        var label = Assert.Single(result.Labels);
        Assert.Equal(("masked", 2L, 0.5), (label.Name, label.Faces, label.RecallAtScores[0].Value));
        Assert.Contains("no label", label.AveragePrecision.Unsupported);
    }

    [Fact]
    public void The_box_of_points_is_that_of_the_template()
    {
        FacePoints template = new(new(38.2946f, 51.6963f), new(73.5318f, 51.5014f), new(56.0252f, 71.7366f), new(56.1396f, 92.2848f));
        Near(new(16, 18, 96, 112), template.TemplateBox());
        // Twice as large, turned by 90 degrees and moved: the box stays upright, its centre turns.
        FacePoints Turned(FacePoints p) => new(Turn(p.LeftEye), Turn(p.RightEye), Turn(p.Nose), Turn(p.Mouth));
        static Vector2 Turn(Vector2 p) => new(-2 * p.Y + 500, 2 * p.X + 7);
        var centre = Turn(new(56, 65));
        Near(new(centre.X - 80, centre.Y - 94, centre.X + 80, centre.Y + 94), Turned(template).TemplateBox());
        Assert.Equal(160, new AnnotatedFace(null, Turned(template)).Extent().Width, 2);

        static void Near(FaceBox expected, FaceBox found)
        {
            foreach (var (a, b) in (ReadOnlySpan<(float, float)>)[(expected.Left, found.Left), (expected.Top, found.Top),
                (expected.Right, found.Right), (expected.Bottom, found.Bottom)]) Assert.Equal(a, b, 2);
        }
    }

    [Fact]
    public void What_never_happens_in_many_pictures_has_the_interval_of_the_rule_of_three()
    {
        DetectionPicture[] pictures = [.. Enumerable.Range(0, 30).Select(_ => Picture([Face(0)], Found(0, 0.9f))),
            .. Enumerable.Range(0, 20).Select(_ => Picture([]))];
        var result = DetectionProtocol.Evaluate(pictures);
        Assert.Equal(new Interval(0.9, 1), result.All.AveragePrecision.Interval);
        Assert.Equal(new Interval(0.9, 1), result.All.RecallAtScores[0].Interval);
        Assert.Equal(new Interval(0, 0.15), result.Scores[0].PerPictureWithoutFaces.Interval);
        // Fewer than ten pictures make too few different draws.
        Assert.Null(DetectionProtocol.Evaluate(pictures[..9]).All.AveragePrecision.Interval);
    }

    [Fact]
    public void What_is_no_face_no_detection_or_no_option_is_refused()
    {
        DetectedFace good = Found(0, 0.9f);
        foreach (var bad in (AnnotatedFace[])[new(null), new(new FaceBox(0, 0, float.NaN, 1)), new(new FaceBox(5, 0, 5, 9)),
            new(null, Points() with { RightEye = new(10, 10) }), new(null, Points() with { Nose = new(float.PositiveInfinity, 0) })])
            Assert.Equal(1L, Assert.Throws<EvaluationDataException>(() => Evaluate(Picture([Face(0)]), Picture([bad], good))).Index);
        foreach (var bad in (DetectedFace[])[new(new(0, 0, 10, float.NaN), 0.5f), new(new(0, 0, -1, 10), 0.5f), good with { Score = float.NaN }])
            Assert.Equal(0L, Assert.Throws<EvaluationDataException>(() => Evaluate(Picture([Face(0)], bad))).Index);
        foreach (var bad in (DetectionOptions[])[new() { MinIou = 0 }, new() { MinIou = double.NaN }, new() { MaxEyeDistances = 0 },
            new() { FalsePositiveRates = [] }, new() { FalsePositiveRates = [0] }, new() { Scores = [double.NaN] },
            new() { RecommendedScore = double.NaN }, new() { SizeBounds = [48, 24] }, new() { SizeBounds = [0] }, new() { MostLabels = -1 }])
            Assert.Throws<ArgumentOutOfRangeException>(() => DetectionProtocol.Evaluate([Picture([Face(0)], good)], bad));
    }
}
