namespace EdgeFace.Evaluation;

/// <summary>A detection after matching.</summary>
/// <param name="Score">Its score.</param>
/// <param name="Picture">Its picture.</param>
/// <param name="Detection">Its index there.</param>
/// <param name="IsFace">Whether it has found a face; else it is false.</param>
/// <param name="Size">The class of size of the face, of a false one that of its own width.</param>
/// <param name="Label">The class of the face's label; 0 without one.</param>
/// <param name="Error">Its landmark error; not a number where there is none.</param>
readonly record struct MatchedDetection(float Score, int Picture, int Detection, bool IsFace, int Size, int Label, double Error);

/// <summary>A face that counts.</summary>
readonly record struct CountedFace(int Picture, int Size, int Label);

/// <summary>
/// The figures of an evaluation for any multiplicity of its pictures, in two passes over all detections in order of score. Detections of equal
/// score come together or not at all. Class 0 is all faces, then come <paramref name="sizes"/> classes of size, then those of label.
/// </summary>
/// <param name="detections">Highest score first.</param>
/// <param name="faces">The faces that count.</param>
/// <param name="withoutFaces">Of each picture whether it shows no face.</param>
/// <param name="sizes">Number of classes of size.</param>
/// <param name="row">Where the figures go.</param>
/// <param name="options">Checked ones.</param>
sealed class DetectionSweep(
    MatchedDetection[] detections, CountedFace[] faces, bool[] withoutFaces, int sizes, DetectionFigureRow row, DetectionOptions options)
{
    readonly float[] _scores = [.. options.Scores.Select(s => (float)s)];

    /// <summary>The faces found whose landmarks are measured, least error first.</summary>
    public MatchedDetection[] Measured { get; } =
        [.. detections.Where(d => d.IsFace && double.IsFinite(d.Error) && d.Score >= (float)options.RecommendedScore).OrderBy(d => d.Error)];

    /// <summary>The figures where each picture counts so many times.</summary>
    public void Compute(int[] weights, double[] figures)
    {
        var faceCounts = new double[row.Classes];
        foreach (var face in faces) Add(faceCounts, face.Size, face.Label, weights[face.Picture]);
        double[] right = new double[row.Classes], wrong = new double[1 + sizes];
        Forward(weights, figures, faceCounts, right, wrong);
        Backward(weights, figures, faceCounts, right, wrong);
        Errors(weights, figures);
    }

    static void Add(double[] counts, int size, int label, double weight)
    {
        counts[0] += weight;
        counts[size] += weight;
        if (label > 0) counts[label] += weight;
    }

    /// <summary>What holds at false positive rates and at scores; leaves the counts of all detections.</summary>
    void Forward(int[] weights, double[] figures, double[] faceCounts, double[] right, double[] wrong)
    {
        double pictures = 0, empty = 0, wrongOnEmpty = 0, last = double.NaN;
        for (var p = 0; p < weights.Length; p++)
        {
            pictures += weights[p];
            if (withoutFaces[p]) empty += weights[p];
        }
        var (rate, score) = (0, _scores.Length - 1);
        for (int start = 0, end; start < detections.Length; start = end)
        {
            var reached = detections[start].Score;
            while (score >= 0 && reached < _scores[score]) AtScore(score--);
            double wrongHere = 0;
            for (end = start; end < detections.Length && detections[end].Score == reached; end++)
                if (!detections[end].IsFace) wrongHere += weights[detections[end].Picture];
            // What is left of a product such as 0.1 * 30 must not exclude the third false detection.
            while (rate < row.Rates && wrong[0] + wrongHere > options.FalsePositiveRates[rate] * pictures * (1 + 1e-12)) AtRate(rate++, last);
            foreach (var d in detections.AsSpan(start..end))
            {
                var weight = weights[d.Picture];
                Add(d.IsFace ? right : wrong, d.Size, d.Label, weight);
                if (withoutFaces[d.Picture]) wrongOnEmpty += weight;
            }
            last = reached;
        }
        while (score >= 0) AtScore(score--);
        while (rate < row.Rates) AtRate(rate++, double.NaN);

        void AtScore(int s)
        {
            for (var c = 0; c < row.Classes; c++) figures[row.RecallAtScore(c, s)] = right[c] / faceCounts[c];
            figures[row.Precision(s)] = right[0] / (right[0] + wrong[0]);
            figures[row.FalsePerPicture(s)] = wrong[0] / pictures;
            figures[row.PerPictureWithoutFaces(s)] = wrongOnEmpty / empty;
        }

        void AtRate(int r, double leastScore)
        {
            for (var c = 0; c < row.Classes; c++) figures[row.RecallAtRate(c, r)] = right[c] / faceCounts[c];
            figures[row.ScoreAtRate(r)] = leastScore;
            figures[row.FalseAtRate(r)] = wrong[0] / pictures;
        }
    }

    /// <summary>From the least score up, so that the highest precision at any higher recall is known; takes the counts back to 0.</summary>
    void Backward(int[] weights, double[] figures, double[] faceCounts, double[] right, double[] wrong)
    {
        double[] best = new double[1 + sizes], area = new double[1 + sizes];
        for (int end = detections.Length, start; end > 0; end = start)
        {
            var reached = detections[end - 1].Score;
            for (start = end; start > 0 && detections[start - 1].Score == reached;) start--;
            for (var c = 0; c < best.Length; c++)
                if (right[c] + wrong[c] > 0) best[c] = Math.Max(best[c], right[c] / (right[c] + wrong[c]));
            foreach (var d in detections.AsSpan(start..end))
            {
                var weight = weights[d.Picture];
                Add(d.IsFace ? right : wrong, d.Size, d.Label, -weight);
                if (!d.IsFace) continue;
                area[0] += weight * best[0];
                area[d.Size] += weight * best[d.Size];
            }
        }
        for (var c = 0; c < row.Classes; c++) figures[row.AveragePrecision(c)] = c < area.Length ? area[c] / faceCounts[c] : double.NaN;
    }

    void Errors(int[] weights, double[] figures)
    {
        double[] counts = new double[row.Classes], sums = new double[row.Classes], passed = new double[row.Classes];
        foreach (var d in Measured)
        {
            Add(counts, d.Size, d.Label, weights[d.Picture]);
            Add(sums, d.Size, d.Label, weights[d.Picture] * d.Error);
        }
        for (var c = 0; c < row.Classes; c++)
        {
            figures[row.MeanError(c)] = sums[c] / counts[c];
            figures[row.MedianError(c)] = figures[row.Percentile95Error(c)] = double.NaN;
        }
        foreach (var d in Measured)
        {
            if (weights[d.Picture] == 0) continue;
            Add(passed, d.Size, d.Label, weights[d.Picture]);
            Note(0, d.Error);
            Note(d.Size, d.Error);
            if (d.Label > 0) Note(d.Label, d.Error);
        }

        // Nearest rank: the least error that so large a share of the faces does not exceed.
        void Note(int c, double error)
        {
            if (double.IsNaN(figures[row.MedianError(c)]) && passed[c] >= 0.5 * counts[c]) figures[row.MedianError(c)] = error;
            var isBeyond = passed[c] >= 0.95 * counts[c] * (1 - 1e-12);
            if (isBeyond && double.IsNaN(figures[row.Percentile95Error(c)])) figures[row.Percentile95Error(c)] = error;
        }
    }
}
