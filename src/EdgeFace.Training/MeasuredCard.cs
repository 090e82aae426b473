using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Evaluation.Results;
using EdgeFace.Models;
using EdgeFace.Training.Data;

namespace EdgeFace.Training;

/// <summary>Writes into a model's card what it is worth on crops of people it never saw: figures with intervals over people, and thresholds by
/// EdgeFace's own calibration.</summary>
static class MeasuredCard
{
    /// <summary>Measures a model file and writes it again with its card.</summary>
    /// <param name="source">Crops and pairs, as <see cref="ValidationSets"/> opens them.</param>
    /// <param name="agreement">The cosine to a teacher's embedding, mean and 10th percentile, where it was measured.</param>
    /// <returns>What the card says now, in a line.</returns>
    /// <exception cref="DataSetException">The set cannot be read, or does not tell whom its crops show.</exception>
    public static string Write(string path, string source, (double Mean, double P10)? agreement = null)
    {
        using var model = ModelFile.Open(path);
        var card = Measure(model, source, agreement);
        model.WithCard(card).SaveAsStored(path);
        return card.Thresholds.Count == 0 ? $"{path}: {TrainedCard.NameOf(source)} supports no threshold"
            : $"{path}: thresholds for FMR " + string.Join(", ", card.Thresholds.Select(t => t.Fmr.ToString("0.#e-0",
                System.Globalization.CultureInfo.InvariantCulture))) + $" from {TrainedCard.NameOf(source)}";
    }

    static ModelCard Measure(ModelFile model, string source, (double Mean, double P10)? agreement)
    {
        using var set = ValidationSets.Open(source);
        using FaceEmbedder one = new(model), mirror = new(model, new EmbedderOptions { MirrorSum = true });
        var width = EdgeFaceConfig.EmbeddingSize;
        var both = EmbeddedImages.Compute(set.Images, 2 * width, (image, target) =>
        {
            if (CropStore.CropOf(image) is not { } crop) return new("no crop of 112 x 112");
            one.Embed(crop, target[..width]);
            mirror.Embed(crop, target[width..]);
            return default;
        });
        (EmbeddingContract Contract, EmbeddedImages Images, string Kind)[] kinds =
            [(one.Contract, both.Part(0, width), "one crop"), (mirror.Contract, both.Part(width, width), "mirror sum")];
        var (name, bootstrap) = (TrainedCard.NameOf(source), new PersonBootstrap());
        var calibration = Calibration.Create(name, DateTimeOffset.UtcNow,
            [.. kinds.Select(k => (k.Contract, ModelResult.AllPairsOf(set, k.Images).Pairs))], bootstrap);
        var pairs = FormattableString.Invariant($"{name}, {set.Pairs.Count:n0} pairs, aligned crops");
        var all = FormattableString.Invariant($"{name}, {calibration.Data.GenuinePairs:n0} genuine and ")
            + FormattableString.Invariant($"{calibration.Data.ImpostorPairs:n0} impostor pairs, aligned crops");
        const string Command = "`edgeface-train --validation`";
        List<ModelMeasurement> rows = [];
        foreach (var (contract, images, kind) in kinds)
            if (ModelResult.OfPairs(name, contract, set, images, bootstrap) is { Protocol: { } protocol } result)
                rows.Add(new(pairs, $"{Command}: {protocol.Folds.Count} folds, {kind}",
                    CardFigures.Accuracy(protocol.Accuracy, protocol.AccuracyStandardDeviation, protocol.AccuracyInterval, result.Eer)));
        for (var k = 0; k < kinds.Length; k++)
            if (CardFigures.Misses(calibration, k, 1e-2, 1e-3, 1e-4, 1e-5) is { } misses)
                rows.Add(new(all, $"{Command}: all pairs, {kinds[k].Kind}", misses));
        if (agreement is var (mean, p10))
            rows.Add(new($"crops of {name}", $"{Command}: cosine to the teacher's embedding, mean and 10th percentile",
                FormattableString.Invariant($"{mean:f3}, {p10:f3}")));
        return CardFigures.WithThresholds(model.Card with { Measurements = rows }, calibration, Command, name);
    }
}
