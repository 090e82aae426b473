namespace EdgeFace.Evaluation;

/// <summary>
/// How well a detector finds faces (docs/evaluation.md). Of each picture the detections are taken in order of their score, and each has found the
/// best face that none has found before: by a box where their intersection over union is large enough, by four points where all lie in the
/// detection and it is not too wide. Best is the highest intersection over union, of points with the box that they define. Intervals come from
/// drawing pictures with replacement.
/// </summary>
public static class DetectionProtocol
{
    const int MostCurvePoints = 2000, MostFalse = 100;

    /// <summary>Evaluates one detector.</summary>
    /// <param name="pictures">The pictures, at least one.</param>
    /// <param name="options">Matching and points of the curve.</param>
    /// <param name="bootstrap">Draws pictures here, not people.</param>
    /// <exception cref="EvaluationDataException">
    /// There is no picture, or a box, point or score is no finite number, a box has no area, eyes lie at one place.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static DetectionResult Evaluate(
        IReadOnlyList<DetectionPicture> pictures, DetectionOptions? options = null, PersonBootstrap? bootstrap = null)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        options = (options ?? DetectionOptions.Default).Checked();
        bootstrap ??= new PersonBootstrap();
        if (pictures.Count == 0) throw new EvaluationDataException("there are no pictures");
        for (var p = 0; p < pictures.Count; p++) Check(pictures[p], p);
        var sizes = options.SizeBounds.Count + 1;
        var labelled = pictures.SelectMany(p => p.Annotated).Where(f => f is { IsIgnored: false, Label: not null })
            .GroupBy(f => f.Label!, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)
            .Take(options.MostLabels).Select(g => g.Key);
        string[] names = ["all", .. Enumerable.Range(0, sizes).Select(s => SizeName(s, options.SizeBounds)), .. labelled];
        var labels = names.Select((n, i) => (n, i)).Skip(1 + sizes).ToDictionary(l => l.n, l => l.i, StringComparer.Ordinal);
        CountedFace[] faces = [.. pictures.SelectMany((p, i) => p.Annotated.Where(f => !f.IsIgnored)
            .Select(f => new CountedFace(i, SizeOf(f.Extent()), LabelOf(f))))];
        MatchedDetection[] detections = [.. pictures.SelectMany(Matched).OrderByDescending(d => d.Score)];
        bool[] withoutFaces = [.. pictures.Select(p => p.Annotated.Count == 0)];
        var row = new DetectionFigureRow(names.Length, options.FalsePositiveRates.Count, options.Scores.Count);
        var sweep = new DetectionSweep(detections, faces, withoutFaces, sizes, row, options);
        var figures = new double[row.Length];
        sweep.Compute([.. Enumerable.Repeat(1, pictures.Count)], figures);
        var replicates = bootstrap.Replicates(pictures.Count, row.Length, sweep.Compute);
        FaceFigures[] of = [.. names.Select((name, c) => Figures(name, c))];
        return new()
        {
            Pictures = pictures.Count,
            PicturesWithoutFaces = withoutFaces.Count(w => w),
            IgnoredFaces = pictures.Sum(p => p.Annotated.LongCount(f => f.IsIgnored)),
            RecommendedScore = options.RecommendedScore,
            All = of[0],
            Sizes = of[1..(1 + sizes)],
            Labels = of[(1 + sizes)..],
            Rates = [.. options.FalsePositiveRates.Select(RatePoint)],
            Scores = [.. options.Scores.Select(ScorePoint)],
            Curve = Curve(detections, faces.Length, pictures.Count),
            HighestFalse = [.. detections.Where(d => !d.IsFace).Take(MostFalse).Select(d => new FalseDetection(d.Picture, d.Detection))],
        };

        int SizeOf(FaceBox box) => 1 + options.SizeBounds.Count(b => box.Width >= b);

        int LabelOf(AnnotatedFace face) => face.Label is { } label && labels.TryGetValue(label, out var c) ? c : 0;

        IEnumerable<MatchedDetection> Matched(DetectionPicture picture, int p)
        {
            var found = DetectionMatching.Match(picture, options);
            for (var d = 0; d < found.Length; d++)
            {
                if (found[d] == DetectionMatching.Ignored) continue;
                var detection = picture.Detected[d];
                var face = found[d] == DetectionMatching.False ? null : picture.Annotated[found[d]];
                var error = face?.Points is { } there && detection.Points is { } points ? there.ErrorOf(points) : double.NaN;
                var label = face is null ? 0 : LabelOf(face);
                yield return new(detection.Score, p, d, face is not null, SizeOf(face?.Extent() ?? detection.Box), label, error);
            }
        }

        FaceFigures Figures(string name, int c)
        {
            var isLabel = c > sizes;
            CountedFace[] members = [.. faces.Where(f => c == 0 || f.Size == c || f.Label == c)];
            var units = members.Select(f => f.Picture).Distinct().Count();
            var measured = sweep.Measured.LongCount(d => c == 0 || d.Size == c || d.Label == c);
            const string NoFaces = "there are no such faces", NoPoints = "no face found has points on both sides";
            return new(name, members.Length,
                isLabel ? Estimate.NotSupported("a false detection has no label") : Figure(row.AveragePrecision(c), NoFaces, units, isShare: true),
                [.. options.FalsePositiveRates.Select((rate, r) => rate * pictures.Count < 1
                    ? Estimate.NotSupported(FormattableString.Invariant($"{rate} a picture is less than one false detection in {pictures.Count}"))
                    : Figure(row.RecallAtRate(c, r), NoFaces, units, isShare: true))],
                [.. options.Scores.Select((_, s) => Figure(row.RecallAtScore(c, s), NoFaces, units, isShare: true))],
                new(measured, Figure(row.MeanError(c), NoPoints), Figure(row.MedianError(c), NoPoints), Figure(row.Percentile95Error(c), NoPoints)));
        }

        FalsePositiveRatePoint RatePoint(double target, int r)
            => new(target, double.IsNaN(figures[row.ScoreAtRate(r)]) ? null : figures[row.ScoreAtRate(r)], figures[row.FalseAtRate(r)]);

        DetectionScorePoint ScorePoint(double score, int s)
        {
            MatchedDetection[] reached = [.. detections.TakeWhile(d => d.Score >= (float)score)];
            return new(score, reached.LongCount(d => d.IsFace), reached.LongCount(d => !d.IsFace),
                Figure(row.Precision(s), "no detection reaches the score", reached.Select(d => d.Picture).Distinct().Count(), isShare: true),
                Figure(row.FalsePerPicture(s), "there are no pictures", pictures.Count),
                reached.LongCount(d => withoutFaces[d.Picture]),
                Figure(row.PerPictureWithoutFaces(s), "every picture shows a face", withoutFaces.Count(w => w)));
        }

        Estimate Figure(int at, string unsupported, int units = 0, bool isShare = false)
        {
            if (double.IsNaN(figures[at])) return Estimate.NotSupported(unsupported);
            var interval = bootstrap.Percentiles(replicates, at);
            // What never happened in the pictures never happens in draws of them.
            if (interval is not null && units > 0 && figures[at] == 0) interval = new(0, Intervals.RuleOfThree(units));
            if (interval is not null && units > 0 && isShare && figures[at] == 1) interval = new(1 - Intervals.RuleOfThree(units), 1);
            return new(figures[at], interval);
        }
    }

    static string SizeName(int size, IReadOnlyList<double> bounds) => (size > 0, size < bounds.Count) switch
    {
        (false, true) => FormattableString.Invariant($"below {bounds[size]}"),
        (true, true) => FormattableString.Invariant($"{bounds[size - 1]} to {bounds[size]}"),
        (true, false) => FormattableString.Invariant($"{bounds[size - 1]} and above"),
        _ => "any",
    };

    static List<DetectionCurvePoint> Curve(MatchedDetection[] detections, int faces, int pictures)
    {
        var points = new List<DetectionCurvePoint>();
        long right = 0, wrong = 0;
        for (var i = 0; i < detections.Length; i++)
        {
            if (detections[i].IsFace) right++;
            else wrong++;
            if (i + 1 < detections.Length && detections[i + 1].Score == detections[i].Score) continue;
            points.Add(new(detections[i].Score, faces == 0 ? 0 : (double)right / faces, (double)right / (right + wrong), (double)wrong / pictures));
        }
        if (points.Count <= MostCurvePoints) return points;
        return [.. Enumerable.Range(0, MostCurvePoints).Select(i => points[(int)((long)i * (points.Count - 1) / (MostCurvePoints - 1))])];
    }

    static void Check(DetectionPicture picture, int index)
    {
        if (picture is not { Annotated: not null, Detected: not null }) throw Wrong("it lacks its lists of faces");
        foreach (var face in picture.Annotated)
            if (!face.IsProper) throw Wrong($"an annotated face needs a box with an area or points with two eyes, all finite: {face}");
        foreach (var face in picture.Detected)
            if (!face.Box.IsProper || !float.IsFinite(face.Score)) throw Wrong($"a detection needs a box with an area and a finite score: {face}");

        EvaluationDataException Wrong(string what) => new($"picture {index}: {what}", index);
    }
}
