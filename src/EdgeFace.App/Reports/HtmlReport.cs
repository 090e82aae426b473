using System.Globalization;
using System.Text;
using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Evaluation.Results;
using static EdgeFace.App.Reports.HtmlPage;

namespace EdgeFace.App.Reports;

/// <summary>What a report says besides its results.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Command">The command that made it.</param>
/// <param name="Created">When.</param>
/// <param name="Software">Name and version of what made it.</param>
/// <param name="Thumbnail">A small encoded picture of an image and its media type, or null where there is none.</param>
sealed record ReportFacts(string Title, string Command, DateTimeOffset Created, string Software,
    Func<DataImage, (byte[] Bytes, string MediaType)?> Thumbnail);

/// <summary>One self-contained page: no script, nothing loaded from anywhere.</summary>
static class HtmlReport
{
    /// <summary>Writes the page.</summary>
    /// <param name="facts">What it says besides results.</param>
    /// <param name="set">The data.</param>
    /// <param name="problems">What is wrong with the data: those of the set, of <see cref="DataSet.FindIdenticalImages"/>, and of
    /// files read beside it.</param>
    /// <param name="models">The results, side by side.</param>
    public static string Write(ReportFacts facts, DataSet set, IReadOnlyList<DataProblems> problems, IReadOnlyList<ModelResult> models)
    {
        var page = Begin(facts);
        DataSection(page, set, problems, models);
        page.Append("<h2>Models</h2>\n");
        Table(page, ["", .. models.Select(m => m.Name)], SummaryRows(models));
        page.Append("<p class=\"muted\">A pair matches where its score is at least the threshold. FNMR at an FMR is that of the best threshold "
            + "whose FMR does not exceed the target. Intervals are 95 %, over people where the data name them; "
            + "behind +- stands the standard deviation of the folds. ")
            .Append("A figure that the data cannot support is said to be so, not guessed.");
        if (models.Select(m => m.Protocol?.Tar?.Unsupported).FirstOrDefault(u => u is not null) is { } why)
            page.Append($" * For comparison with papers only: {Text(why)}.");
        page.Append("</p>\n");
        page.Append("<h2>Curves</h2>\n<div class=\"plots\">").Append(Plots.Det(models)).Append(Plots.Roc(models));
        foreach (var model in models) page.Append(Plots.Histogram(model));
        (string, ErrorVersusDiscard)[] discards =
            [.. models.SelectMany(m => m.Discards.Where(d => d.Curve is not null).Select(d => ($"{m.Name}, {d.Quality}", d.Curve!)))];
        if (discards.Length > 0) page.Append(Plots.Discard(discards));
        page.Append("</div>\n");
        foreach (var model in models) ModelSection(page, facts, set, model);
        return End(page);
    }

    static void DataSection(StringBuilder page, DataSet set, IReadOnlyList<DataProblems> all, IReadOnlyList<ModelResult> models)
    {
        page.Append("<h2>Data</h2>\n");
        Table(page, null,
        [
            ["data set", $"{set.Source} ({set.Format})"],
            ["images", Count(set.Images.Count)],
            ["people", set.People.Count > 0 ? Count(set.People.Count) : "not told by the format"],
            .. set.ListedPairs > 0 ? (string[][])[["pairs", $"{Count(set.Pairs.Count)} of {Count(set.ListedPairs)} listed"]] : [],
            .. models.Where(m => m.Failures > 0).Select(m => (string[])[$"without an embedding, {m.Name}",
                $"{Count(m.Failures)} images: their pairs count as called different people in the accuracy, and are left out of FMR and FNMR"]),
        ]);
        Problems(page, all);
    }

    static IEnumerable<string[]> SummaryRows(IReadOnlyList<ModelResult> models)
    {
        yield return Row("genuine pairs", m => Count(m.GenuinePairs));
        yield return Row("impostor pairs", m => Count(m.ImpostorPairs));
        if (models.Any(m => m.Protocol is not null || m.ProtocolUnsupported is not null)) yield return Row("accuracy over folds", Accuracy);
        if (models.Any(m => m.Published is not null))
            yield return Row($"published by the authors for the network, {models[0].PublishedName}",
                m => m.Published is { } percent ? Percent(percent / 100) : "nothing");
        if (models.Any(m => m.Auc is not null)) yield return Row("AUC", m => m.Auc is { } auc ? Number(auc) : "");
        yield return Row("EER", m => Share(m.Eer));
        foreach (var rate in ModelResult.Rates)
            yield return Row($"FNMR at FMR {Rate(rate)}",
                m => m.AtFmr.First(f => f.Fmr == rate).Fnmr is { IsSupported: true } fnmr ? Share(fnmr) : "unsupported");
        if (models.Any(m => m.Protocol is not null))
        {
            yield return Row("TAR at FAR 1e-3, at a FAR that is not exceeded",
                m => m.AtFmr.First(f => f.Fmr == 1e-3).Fnmr is { Value: { } fnmr } ? Percent(1 - fnmr) : "unsupported");
            yield return Row("TAR at FAR 1e-3, by the rule of the reference", m => m.Protocol?.Tar is { Mean: { } mean } t
                ? $"{Percent(mean)} +- {Percent(t.StandardDeviation!.Value)}{(t.Unsupported is null ? "" : " *")}"
                : "unsupported");
        }
        yield return Row(
            $"impostor pairs that score {LabelNoise.SuspiciousScore.ToString(CultureInfo.InvariantCulture)} or more: look at their labels",
            m => Count(m.SuspiciousPairs));
        if (models.Any(m => m.ScoringSeconds is not null))
            yield return Row("seconds to score all pairs",
                m => m.ScoringSeconds is { } seconds ? seconds.ToString("f2", CultureInfo.InvariantCulture) : "");
        yield return Row("images a second", m => m.ImagesPerSecond.ToString("f0", CultureInfo.InvariantCulture));

        string[] Row(string name, Func<ModelResult, string> value) => [name, .. models.Select(value)];

        static string Accuracy(ModelResult m) => m.Protocol is { } p
            ? $"{Percent(p.Accuracy)} +- {Percent(p.AccuracyStandardDeviation)}"
                + (p.AccuracyInterval is { } i ? $" [{Percent(i.Low)}, {Percent(i.High)}]" : "")
            : $"unsupported: {m.ProtocolUnsupported}";
    }

    static void ModelSection(StringBuilder page, ReportFacts facts, DataSet set, ModelResult model)
    {
        page.Append($"<h2>{Text(model.Name)}</h2>\n");
        Table(page, ["FMR", "threshold", "FNMR", "false matches", "misses"], model.AtFmr.Select(f => (string[])
        [
            Rate(f.Fmr), f.Fnmr.IsSupported ? Number(f.Threshold) : "", Share(f.Fnmr),
            f.Point is { } p ? $"{Count(p.Fmr.Count)} of {Count(p.Fmr.Total)}" : "",
            f.Point is { } q ? $"{Count(q.Fnmr.Count)} of {Count(q.Fnmr.Total)}" : "",
        ]));
        if (model.ExpectedFpir.Count > 0)
        {
            page.Append("<h3>FPIR to expect of a search in a gallery</h3>\n");
            Table(page, ["FMR of the threshold", .. model.ExpectedFpir.Select(e => e.People).Distinct().Select(people => $"{Count(people)} people")],
                model.ExpectedFpir.GroupBy(e => e.Fmr).Select(g => (string[])[Rate(g.Key), .. g.Select(e => Percent(e.Fpir))]));
        }
        foreach (var discard in model.Discards)
        {
            page.Append($"<h3>Error versus discard by {Text(discard.Quality)}, at the threshold of FMR {Rate(discard.Fmr)} over all pairs</h3>\n");
            if (discard.Curve is { } curve)
                Table(page, ["genuine pairs discarded", "of quality below", "FNMR of the others", "misses"],
                    ModelResult.DiscardShares.Select(curve.At).Distinct().Select(p => (string[])
                    [
                        Percent(p.Discarded), p.Quality.ToString("g4", CultureInfo.InvariantCulture),
                        Percent(p.Fnmr.Value), $"{Count(p.Fnmr.Count)} of {Count(p.Fnmr.Total)}",
                    ]));
            var mean = discard.Curve is { } c20 ? $"Mean FNMR over the first fifth: {Percent(c20.MeanFnmr())}. " : "";
            var left = discard.WithoutQuality > 0 ? $"{Count(discard.WithoutQuality)} genuine pairs have no known quality and are left out." : "";
            page.Append($"<p>{mean}{left}</p>\n");
        }
        if (model.Protocol is { } protocol)
        {
            page.Append("<h3>Folds</h3>\n");
            Table(page, ["fold", "pairs", "threshold from the other folds", "accuracy"], protocol.Folds.Select(f => (string[])
                [$"{f.Fold}", Count(f.Pairs), f.ScoreThreshold.ToString("f3", CultureInfo.InvariantCulture), Percent(f.Accuracy)]));
        }
        if (model.Searches.Count > 0)
        {
            page.Append("<h3>Identification</h3>\n");
            Table(page, ["gallery", "people", "rank 1", "rank 5", "FNIR at FPIR 0.1", "FNIR at FPIR 0.01"], model.Searches.Select(s => (string[])
                [s.Gallery, Count(s.People), Percent(s.Rank1.Value), Percent(s.Rank5.Value), Share(s.AtFpir10.Fnir), Share(s.AtFpir1.Fnir)]));
        }
        foreach (var groups in model.Groups)
        {
            page.Append($"<h3>By {Text(groups.Column)}, at the threshold ")
                .Append($"{groups.Table.Threshold.ToString("f3", CultureInfo.InvariantCulture)} of FMR {Rate(groups.Fmr)} over all pairs</h3>\n");
            Table(page, ["group", "FMR", "of impostor pairs", "FNMR", "of genuine pairs"], groups.Table.Rows.Select(r => (string[])
                [r.Group, Share(r.Fmr.ToEstimate("impostor pairs")), Count(r.Fmr.Total),
                    Share(r.Fnmr.ToEstimate("genuine pairs")), Count(r.Fnmr.Total)]));
            var (fmr, fnmr) = (groups.Table.Fmr, groups.Table.Fnmr);
            page.Append($"<p>Highest over lowest rate of the groups: FMR {Text(Number(fmr.MaxOverMin))}, FNMR {Text(Number(fnmr.MaxOverMin))}; ")
                .Append($"over the geometric mean: FMR {Text(Number(fmr.MaxOverGeometricMean))}, ")
                .Append($"FNMR {Text(Number(fnmr.MaxOverGeometricMean))}.</p>\n");
        }
        Pairs(page, facts, set, "Different people with the highest scores", model.HighestImpostors);
        Pairs(page, facts, set, "The same person with the lowest scores", model.LowestGenuine);
        var c = model.Contract;
        var contract = $"{c.Model}, weights {c.WeightsSha256}, {c.Dimension} values, {c.Preprocessing}, aligner {c.Aligner}";
        page.Append($"<h3>Contract</h3>\n<p><code>{Text(contract)}</code></p>\n");
    }

    static void Pairs(StringBuilder page, ReportFacts facts, DataSet set, string title, IReadOnlyList<NotedPair> pairs)
    {
        if (pairs.Count == 0) return;
        page.Append($"<h3>{title}</h3>\n<div class=\"pairs\">");
        foreach (var pair in pairs)
        {
            page.Append("<figure>");
            foreach (var image in (DataImage[])[set.Images[pair.A], set.Images[pair.B]])
                if (facts.Thumbnail(image) is { } thumbnail)
                    page.Append($"<img alt=\"{Text(image.Name)}\" ")
                        .Append($"src=\"data:{thumbnail.MediaType};base64,{Convert.ToBase64String(thumbnail.Bytes)}\">");
            page.Append($"<figcaption>{pair.Score.ToString("f3", CultureInfo.InvariantCulture)}")
                .Append($"<br>{Text(set.Images[pair.A].Name)}<br>{Text(set.Images[pair.B].Name)}</figcaption></figure>");
        }
        page.Append("</div>\n");
    }

    static string Rate(double rate) => $"1e{Math.Round(Math.Log10(rate)).ToString("f0", CultureInfo.InvariantCulture)}";
}
