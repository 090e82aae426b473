using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Evaluation.Results;

namespace EdgeFace.App.Output;

/// <summary>Evaluations as text for people.</summary>
sealed class EvalText(Terminal terminal)
{
    const int MostProblems = 5;

    public void Write(DataSet set, IReadOnlyList<DataProblems> problems, IReadOnlyList<ModelResult> results)
    {
        Problems(problems);
        Results(set, results);
    }

    /// <summary>The first of each, on stderr.</summary>
    public void Problems(IReadOnlyList<DataProblems> all)
    {
        foreach (var problems in all)
        {
            foreach (var problem in problems.Take(MostProblems)) terminal.Error.WriteLine($"edgeface: {problem}");
            if (problems.Total > MostProblems)
                terminal.Error.WriteLine($"edgeface: and {problems.Total - MostProblems} more of the kind; --report and --json list more");
        }
    }

    void Results(DataSet set, IReadOnlyList<ModelResult> results)
    {
        terminal.Out.WriteLine($"{set.Source}: {set.Format}, {set.Images.Count} images"
            + (set.People.Count > 0 ? $" of {set.People.Count} people" : "")
            + (set.ListedPairs > 0 ? $", {set.Pairs.Count} of {set.ListedPairs} pairs" : ""));
        terminal.Table(["", .. results.Select(m => m.Name)], Summary(results));
        if (results.Select(m => m.ProtocolUnsupported).FirstOrDefault(u => u is not null) is { } why)
            terminal.Out.WriteLine($"accuracy over folds is unsupported: {why}");
        Fpir([.. results.SelectMany(m => m.ExpectedFpir).Distinct()]);
        Groups(results);
        Discards(results);
        foreach (var model in results)
            foreach (var s in model.Searches)
                terminal.Out.WriteLine(FormattableString.Invariant($"{model.Name}, {s.Gallery} ({s.People} people): ")
                    + FormattableString.Invariant($"rank 1 {100 * s.Rank1.Value:f2} %, FNIR at FPIR 0.01 {Text.Share(s.AtFpir1.Fnir)}"));
    }

    static List<string[]> Summary(IReadOnlyList<ModelResult> results)
    {
        string[] Row(string name, Func<ModelResult, string> value) => [name, .. results.Select(value)];
        var rows = new List<string[]>
        {
            Row("genuine / impostor pairs", m => FormattableString.Invariant($"{m.GenuinePairs:n0} / {m.ImpostorPairs:n0}")),
            Row("images without embedding", m => FormattableString.Invariant($"{m.Failures}")),
        };
        if (results.Any(m => m.Protocol is not null || m.ProtocolUnsupported is not null)) rows.Add(Row("accuracy over folds", Accuracy));
        if (results.Any(m => m.Published is not null))
            rows.Add(Row($"published for the network, {results[0].PublishedName}",
                m => m.Published is { } percent ? FormattableString.Invariant($"{percent:f2} %") : ""));
        if (results.Any(m => m.Auc is not null))
            rows.Add(Row("AUC", m => m.Auc?.Value is { } auc ? FormattableString.Invariant($"{auc:f5}") : "unsupported"));
        rows.Add(Row("EER", m => Text.Share(m.Eer)));
        foreach (var rate in ModelResult.Rates)
            rows.Add(Row($"FNMR at FMR {Wording.Rate(rate)}", m => Text.Share(m.AtFmr.First(f => f.Fmr == rate).Fnmr)));
        foreach (var rate in ModelResult.Rates)
            rows.Add(Row($"threshold at FMR {Wording.Rate(rate)}", m => m.AtFmr.First(f => f.Fmr == rate) is { Fnmr.IsSupported: true } f
                ? FormattableString.Invariant($"{f.Threshold.Value:f3}") : ""));
        if (results.Any(m => m.Protocol is not null))
        {
            rows.Add(Row("TAR at FAR 1e-3", m => m.AtFmr.First(f => f.Fmr == 1e-3).Fnmr.Value is { } fnmr
                ? FormattableString.Invariant($"{100 * (1 - fnmr):f2} %") : "unsupported"));
            rows.Add(Row("the same by the reference's rule", m => m.Protocol?.Tar is { Mean: { } mean } t
                ? FormattableString.Invariant($"{100 * mean:f2} +- {100 * t.StandardDeviation:f2} %")
                    + (t.Unsupported is null ? "" : " (unsupported)")
                : "unsupported"));
        }
        if (results.Any(m => m.SuspiciousPairs > 0))
            rows.Add(Row(FormattableString.Invariant($"impostor pairs at {LabelNoise.SuspiciousScore} or more (labels?)"),
                m => FormattableString.Invariant($"{m.SuspiciousPairs:n0}")));
        if (results.Any(m => m.ScoringSeconds is not null))
            rows.Add(Row("seconds to score all pairs",
                m => m.ScoringSeconds is { } seconds ? FormattableString.Invariant($"{seconds:f2}") : ""));
        rows.Add(Row("images a second", m => FormattableString.Invariant($"{m.ImagesPerSecond:f0}")));
        return rows;

        static string Accuracy(ModelResult m) => m.Protocol is not { } p ? "unsupported"
            : FormattableString.Invariant($"{100 * p.Accuracy:f2} +- {100 * p.AccuracyStandardDeviation:f2} %")
                + (p.AccuracyInterval is { } i ? FormattableString.Invariant($" [{100 * i.Low:f2}, {100 * i.High:f2}]") : "");
    }

    /// <summary>One row for each FMR, one column for each size of gallery.</summary>
    public void Fpir(IReadOnlyList<ExpectedFpir> expected)
    {
        if (expected.Count == 0) return;
        terminal.Out.WriteLine("FPIR to expect of a search in a gallery");
        var sizes = expected.Select(e => e.People).Distinct().Select(n => FormattableString.Invariant($"{n:n0} people"));
        terminal.Table(["FMR of the threshold", .. sizes],
            expected.GroupBy(e => e.Fmr).OrderByDescending(g => g.Key).Select(g => (string[])
                [Wording.Rate(g.Key), .. g.Select(e => FormattableString.Invariant($"{100 * e.Fpir:f2} %"))]));
    }

    void Groups(IReadOnlyList<ModelResult> results)
    {
        foreach (var model in results)
            foreach (var groups in model.Groups)
            {
                terminal.Out.WriteLine($"{model.Name} by {groups.Column}, "
                    + FormattableString.Invariant($"at the threshold {groups.Table.Threshold:f3} of FMR {Wording.Rate(groups.Fmr)} over all pairs"));
                terminal.Table(["group", "FMR", "FNMR"], groups.Table.Rows.Select(r => (string[])
                    [r.Group, FormattableString.Invariant($"{r.Fmr.Count} of {r.Fmr.Total}"),
                        FormattableString.Invariant($"{r.Fnmr.Count} of {r.Fnmr.Total}")]));
            }
    }

    void Discards(IReadOnlyList<ModelResult> results)
    {
        foreach (var model in results)
            foreach (var discard in model.Discards)
            {
                terminal.Out.WriteLine($"{model.Name}: FNMR at the threshold of FMR {Wording.Rate(discard.Fmr)} over all pairs, "
                    + $"as genuine pairs of the lowest {discard.Quality} are discarded");
                if (discard.WithoutQuality > 0)
                    terminal.Out.WriteLine(FormattableString.Invariant(
                        $"  {discard.WithoutQuality:n0} pairs without a known quality are left out"));
                if (discard.Curve is not { } curve) continue;
                terminal.Table(["discarded", "below", "FNMR", "misses"], ModelResult.DiscardShares.Select(curve.At).Distinct().Select(p => (string[])
                    [FormattableString.Invariant($"{100 * p.Discarded:f2} %"), FormattableString.Invariant($"{p.Quality:g4}"),
                        FormattableString.Invariant($"{100 * p.Fnmr.Value:f2} %"),
                        FormattableString.Invariant($"{p.Fnmr.Count:n0} of {p.Fnmr.Total:n0}")]));
                terminal.Out.WriteLine(FormattableString.Invariant($"  mean over the first fifth: {100 * curve.MeanFnmr():f2} %"));
            }
    }
}
