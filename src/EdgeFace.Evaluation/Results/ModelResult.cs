using System.Diagnostics;
using EdgeFace.Evaluation.Data;
using EdgeFace.Models;

namespace EdgeFace.Evaluation.Results;

/// <summary>A pair to look at.</summary>
/// <param name="A">Index of the first image in the data set.</param>
/// <param name="B">Index of the second.</param>
/// <param name="Score">Their score.</param>
public readonly record struct NotedPair(int A, int B, float Score);

/// <summary>The 1:N protocol on one gallery.</summary>
/// <param name="Gallery">Which gallery.</param>
/// <param name="People">People in it.</param>
/// <param name="Rank1">Mated searches that find the person first.</param>
/// <param name="Rank5">Mated searches that find the person among five.</param>
/// <param name="AtFpir10">FNIR at FPIR 0.1.</param>
/// <param name="AtFpir1">FNIR at FPIR 0.01.</param>
public sealed record TemplateSearch(string Gallery, int People, Proportion Rank1, Proportion Rank5, FixedFpir AtFpir10, FixedFpir AtFpir1);

/// <summary>Error rates by group at one threshold.</summary>
/// <param name="Column">What the groups are groups of, as the labels' column says.</param>
/// <param name="Fmr">The false match rate over all pairs whose threshold it is.</param>
/// <param name="Table">The groups.</param>
public sealed record GroupResult(string Column, double Fmr, SubgroupTable Table);

/// <summary>How the misses of one model fall as pairs of low quality are discarded.</summary>
/// <param name="Quality">Which quality score.</param>
/// <param name="Fmr">The false match rate over all pairs whose threshold is kept.</param>
/// <param name="Curve">The curve; null where no pair has a quality on both sides.</param>
/// <param name="WithoutQuality">Genuine pairs of the curve's data left out because the quality of an image is not known.</param>
public sealed record DiscardResult(string Quality, double Fmr, ErrorVersusDiscard? Curve, long WithoutQuality);

/// <summary>What one model achieved on one data set.</summary>
public sealed record ModelResult
{
    /// <summary>Rates at which the errors are reported.</summary>
    public static IReadOnlyList<double> Rates { get; } = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

    /// <summary>Shares of discarded pairs that are reported of an error-versus-discard curve.</summary>
    public static IReadOnlyList<double> DiscardShares { get; } = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5];

    /// <summary>How many of the worst pairs are kept.</summary>
    public const int MostNoted = 12;

    /// <summary>What to call the model.</summary>
    public required string Name { get; init; }

    /// <summary>What made the embeddings.</summary>
    public required EmbeddingContract Contract { get; init; }

    /// <summary>The network, whose published figures may stand beside; null where it is not known.</summary>
    public string? Network { get; init; }

    /// <summary>The benchmark whose protocol this is; null of other data.</summary>
    public Benchmark? Benchmark { get; init; }

    /// <summary>
    /// What the authors publish for the network on this benchmark, for their weights, in percent: accuracy over folds, or TAR at FAR 1e-4 of
    /// templates. Null where they publish nothing, and of other data.
    /// </summary>
    public double? Published => Network is { } network && EdgeFaceVariants.Published(network) is { } facts ? Benchmark switch
    {
        Data.Benchmark.Lfw => facts.Lfw,
        Data.Benchmark.CfpFp => facts.CfpFp,
        Data.Benchmark.AgeDb30 => facts.AgeDb30,
        Data.Benchmark.IjbB => facts.IjbB,
        Data.Benchmark.IjbC => facts.IjbC,
        _ => null,
    } : null;

    /// <summary>What <see cref="Published"/> is: the name of a row.</summary>
    public string? PublishedName => Benchmark switch
    {
        null => null,
        Data.Benchmark.IjbB or Data.Benchmark.IjbC => $"TAR at FAR 1e-4, {Benchmarks.Name(Benchmark.Value)}",
        { } benchmark => $"accuracy, {Benchmarks.Name(benchmark)}",
    };

    /// <summary>Images embedded in a second, from encoded bytes.</summary>
    public double ImagesPerSecond { get; init; }

    /// <summary>Seconds that the scores of all pairs took; null where only listed pairs were scored.</summary>
    public double? ScoringSeconds { get; init; }

    /// <summary>Images that gave no embedding.</summary>
    public int Failures { get; init; }

    /// <summary>Genuine pairs (or mated comparisons) compared.</summary>
    public long GenuinePairs { get; init; }

    /// <summary>Impostor pairs compared.</summary>
    public long ImpostorPairs { get; init; }

    /// <summary>The pairs protocol; null where the data set has no folds, or one only.</summary>
    public PairsResult? Protocol { get; init; }

    /// <summary>Why a list of pairs gives no accuracy over folds; null where it gives one, and where there is no list of pairs.</summary>
    public string? ProtocolUnsupported { get; init; }

    /// <summary>Area under the ROC curve; null where it was not computed.</summary>
    public Estimate? Auc { get; init; }

    /// <summary>Equal error rate.</summary>
    public required Estimate Eer { get; init; }

    /// <summary>FNMR at each of <see cref="Rates"/>.</summary>
    public required IReadOnlyList<FixedFmr> AtFmr { get; init; }

    /// <summary>Points of the DET and ROC curves; empty where one side is missing.</summary>
    public IReadOnlyList<OperatingPoint> Curve { get; init; } = [];

    /// <summary>Genuine scores counted in equal bins over [-1, 1].</summary>
    public required long[] GenuineHistogram { get; init; }

    /// <summary>Impostor scores counted in the same bins.</summary>
    public required long[] ImpostorHistogram { get; init; }

    /// <summary>1:N searches, where the data set has galleries, or people with several images.</summary>
    public IReadOnlyList<TemplateSearch> Searches { get; init; } = [];

    /// <summary>
    /// Error rates by group, a table for each column of labels, at the threshold of the lowest supported rate; empty without labels.
    /// </summary>
    public IReadOnlyList<GroupResult> Groups { get; init; } = [];

    /// <summary>
    /// Error-versus-discard curves, one for each quality score, at the threshold of the lowest supported rate; empty without a score or such a rate.
    /// </summary>
    public IReadOnlyList<DiscardResult> Discards { get; init; } = [];

    /// <summary>What the supported rates mean for searches in galleries; empty where searches were not asked for.</summary>
    public IReadOnlyList<ExpectedFpir> ExpectedFpir { get; init; } = [];

    /// <summary>Impostor pairs that score <see cref="LabelNoise.SuspiciousScore"/> or more: likely wrong labels, if the model is any good.</summary>
    public int SuspiciousPairs { get; init; }

    /// <summary>Impostor pairs of the highest scores, highest first.</summary>
    public IReadOnlyList<NotedPair> HighestImpostors { get; init; } = [];

    /// <summary>Genuine pairs of the lowest scores, lowest first.</summary>
    public IReadOnlyList<NotedPair> LowestGenuine { get; init; } = [];

    /// <summary>The same result with what its supported rates mean for galleries of some sizes.</summary>
    /// <param name="galleries">Numbers of people.</param>
    public ModelResult WithGalleries(IReadOnlyList<long> galleries)
    {
        ArgumentNullException.ThrowIfNull(galleries);
        return this with { ExpectedFpir = Evaluation.ExpectedFpir.Of(AtFmr.Where(f => f.Threshold.IsSupported).Select(f => f.Fmr), galleries) };
    }

    /// <summary>Evaluates listed pairs. A pair of which an image gave no embedding counts as called different people.</summary>
    /// <param name="labels">Groups for which error rates are given.</param>
    /// <param name="qualities">Scores for error-versus-discard curves; the detector's, where there is one, comes first anyway.</param>
    /// <exception cref="EvaluationDataException">There are no pairs.</exception>
    public static ModelResult OfPairs(string name, EmbeddingContract contract, DataSet set, EmbeddedImages images,
        PersonBootstrap? bootstrap = null, LabelFile? labels = null, IReadOnlyList<ImageQuality>? qualities = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(images);
        if (set.Pairs.Count == 0) throw new EvaluationDataException($"{set.Source} lists no pairs of which both images are there");
        // Embeddings of length 1 are at most at squared distance 4.
        const double farthest = 4;
        var distances = new double[set.Pairs.Count];
        List<DataPair> compared = [];
        List<float> scores = [];
        long genuineFailures = 0, impostorFailures = 0;
        for (var i = 0; i < distances.Length; i++)
        {
            var pair = set.Pairs[i];
            if (images.Failure(pair.A) is not null || images.Failure(pair.B) is not null)
            {
                distances[i] = farthest;
                if (pair.Same) genuineFailures++;
                else impostorFailures++;
                continue;
            }
            distances[i] = PairsProtocol.SquaredDistance(images[pair.A], images[pair.B]);
            compared.Add(pair);
            scores.Add((float)(1 - distances[i] / 2));
        }
        var all = Scores(set, compared, [.. scores]).WithFailures(genuineFailures, impostorFailures);
        ScoredPair[] genuine = [.. Scored(same: true)], impostor = [.. Scored(same: false)];
        var result = OfScores(name, contract, images, all, bootstrap);
        int[] folds = [.. set.Pairs.Select(p => p.Fold)];
        var several = folds.AsSpan().ContainsAnyExcept(folds[0]);
        var protocol = several ? PairsProtocol.Run(distances, [.. set.Pairs.Select(p => p.Same)], folds) : null;
        if (protocol is not null && bootstrap is not null && PeopleAgree(set, set.Pairs))
            protocol = protocol with
            {
                AccuracyInterval = PairsProtocol.AccuracyInterval(distances, folds,
                    [.. set.Pairs.Select(p => set.PersonOf[p.A])], [.. set.Pairs.Select(p => set.PersonOf[p.B])], bootstrap),
            };
        return result with
        {
            Groups = ByGroup(labels, result.AtFmr, (column, threshold) => SubgroupTable.FromPairs([.. scores], [.. compared.Select(p => p.Same)],
                [.. compared.Select(p => Group(labels!, set.Images[p.A], column))],
                [.. compared.Select(p => Group(labels!, set.Images[p.B], column))], threshold)),
            Discards = ByQuality(images, qualities, result.AtFmr, genuine),
            Benchmark = set.Benchmark,
            Protocol = protocol,
            ProtocolUnsupported = several ? null : "all pairs are of one fold, and a threshold is chosen on other folds",
            SuspiciousPairs = LabelNoise.Suspicious(impostor).Count,
            HighestImpostors = [.. impostor.OrderByDescending(p => p.Score).Take(MostNoted).Select(Noted)],
            LowestGenuine = [.. genuine.OrderBy(p => p.Score).Take(MostNoted).Select(Noted)],
        };

        IEnumerable<ScoredPair> Scored(bool same)
            => compared.Zip(scores).Where(p => p.First.Same == same).Select(p => new ScoredPair(p.First.A, p.First.B, p.Second));
    }

    /// <summary>Evaluates all pairs of images of known people.</summary>
    /// <param name="labels">Groups for which error rates are given.</param>
    /// <param name="qualities">Scores for error-versus-discard curves; the detector's, where there is one, comes first anyway.</param>
    /// <exception cref="EvaluationDataException">Fewer than two images of known people gave an embedding.</exception>
    public static ModelResult OfIdentities(string name, EmbeddingContract contract, DataSet set, EmbeddedImages images,
        PersonBootstrap? bootstrap = null, LabelFile? labels = null, IReadOnlyList<ImageQuality>? qualities = null,
        CancellationToken cancellation = default)
    {
        var clock = Stopwatch.StartNew();
        var (pairs, kept) = AllPairsOf(set, images, cancellation);
        var seconds = clock.Elapsed.TotalSeconds;
        var atFmr = pairs.AtFmr(Rates, bootstrap);
        return new ModelResult
        {
            Groups = ByGroup(labels, atFmr,
                (column, threshold) => pairs.Subgroups([.. kept.Select(i => Group(labels!, set.Images[i], column))], threshold)),
            Discards = ByQuality(images, qualities, atFmr, [.. pairs.GenuineSample.Select(InSet)]),
            Name = name,
            Contract = contract,
            ImagesPerSecond = images.ImagesPerSecond,
            ScoringSeconds = seconds,
            Failures = images.FailureCount,
            GenuinePairs = pairs.GenuineCount,
            ImpostorPairs = pairs.ImpostorCount,
            Eer = pairs.Eer(),
            AtFmr = atFmr,
            Curve = pairs.GenuineCount > 0 && pairs.ImpostorCount > 0 ? pairs.Curve() : [],
            GenuineHistogram = pairs.Genuines.Rebin(HistogramBins),
            ImpostorHistogram = pairs.Impostors.Rebin(HistogramBins),
            SuspiciousPairs = LabelNoise.Suspicious(pairs.Closest).Count,
            HighestImpostors = [.. pairs.Closest.Take(MostNoted).Select(InSet).Select(Noted)],
            LowestGenuine = [.. pairs.Genuine.Take(MostNoted).Select(InSet).Select(Noted)],
            Searches = PeopleSearch.Run(set, images) is { } search ? [search] : [],
        };

        ScoredPair InSet(ScoredPair p) => new(kept[p.A], kept[p.B], p.Score);
    }

    /// <summary>
    /// Evaluates the 1:1 protocol of templates as IJB-B and IJB-C define it: images weighted by the score of their face where the data set
    /// says it. The embeddings are those of the network, not scaled. A template without any embedding is a failure.
    /// </summary>
    /// <exception cref="EvaluationDataException">The data set has no templates.</exception>
    public static ModelResult OfTemplates(string name, EmbeddingContract contract, DataSet set, EmbeddedImages images)
    {
        var (protocol, templates) = PoolTemplates(set, images);
        return OfScores(name, contract, images, templates.Verify(protocol.Pairs), null) with
        {
            Benchmark = set.Benchmark,
            Searches = [.. Galleries(protocol).Select(g => Search(protocol, templates, g.Name, g.Gallery))],
        };
    }

    static ModelResult OfScores(string name, EmbeddingContract contract, EmbeddedImages images, ScoreSet scores, PersonBootstrap? bootstrap) => new()
    {
        Name = name,
        Contract = contract,
        ImagesPerSecond = images.ImagesPerSecond,
        Failures = images.FailureCount,
        GenuinePairs = scores.Genuine.Length,
        ImpostorPairs = scores.Impostor.Length,
        Auc = Metrics.Auc(scores, bootstrap),
        Eer = Metrics.Eer(scores, bootstrap),
        AtFmr = Metrics.AtFmr(scores, Rates, bootstrap),
        Curve = scores.Genuine.Length > 0 && scores.Impostor.Length > 0 ? Metrics.Curve(scores) : [],
        GenuineHistogram = Histogram(scores.Genuine),
        ImpostorHistogram = Histogram(scores.Impostor),
    };

    static NotedPair Noted(ScoredPair p) => new(p.A, p.B, p.Score);

    static (TemplateProtocol Protocol, PooledTemplates Templates) PoolTemplates(DataSet set, EmbeddedImages images)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(images);
        var protocol = set.Templates ?? throw new EvaluationDataException($"{set.Source} has no templates");
        var used = protocol.Images.Where(x => images.Failure(x.Image) is null).ToArray();
        var vectors = new float[(long)used.Length * images.Dimension];
        for (var i = 0; i < used.Length; i++) images[used[i].Image].CopyTo(vectors.AsSpan(i * images.Dimension));
        float[] weights = [.. used.Select(x => set.Images[x.Image].Face?.Score ?? 1)];
        return (protocol, PooledTemplates.Pool(vectors, images.Dimension,
            [.. used.Select(x => x.Template)], [.. used.Select(x => x.Media)], weights));
    }

    static IEnumerable<(string Name, IReadOnlyList<TemplatePerson> Gallery)> Galleries(TemplateProtocol protocol)
        => new[] { ("gallery 1", protocol.Gallery1), ("gallery 2", protocol.Gallery2) }.Where(g => g.Item2.Count > 0 && protocol.Probes.Count > 0);

    static TemplateSearch Search(TemplateProtocol protocol, PooledTemplates templates, string name, IReadOnlyList<TemplatePerson> gallery)
    {
        var (enrolled, people) = Rows(gallery);
        HashSet<int> listed = [.. gallery.Select(g => g.Person)], there = [.. people];
        // Of a person whose gallery templates all failed no probe can be found; a probe without an embedding finds nobody.
        bool Fails(TemplatePerson probe)
            => templates.Embedding(probe.Template).IsEmpty || (listed.Contains(probe.Person) && !there.Contains(probe.Person));
        var failed = protocol.Probes.Where(Fails).ToArray();
        var (probes, probePeople) = Rows([.. protocol.Probes.Where(p => !Fails(p))]);
        var search = Identification.Search(enrolled, people, probes, probePeople, templates.Dimension,
            failed.Count(p => listed.Contains(p.Person)), failed.Count(p => !listed.Contains(p.Person)));
        return new(name, search.GalleryPeople, search.FoundWithin(1), search.FoundWithin(5), search.AtFpir(0.1), search.AtFpir(0.01));

        (float[] Vectors, int[] People) Rows(IReadOnlyList<TemplatePerson> entries)
        {
            var embedded = entries.Where(e => !templates.Embedding(e.Template).IsEmpty).ToArray();
            var vectors = new float[(long)embedded.Length * templates.Dimension];
            for (var i = 0; i < embedded.Length; i++) templates.Embedding(embedded[i].Template).CopyTo(vectors.AsSpan(i * templates.Dimension));
            return (vectors, [.. embedded.Select(e => e.Person)]);
        }
    }

    /// <summary>All pairs of the images of known people, and where those images stand in the data set.</summary>
    public static (AllPairs Pairs, IReadOnlyList<int> Images) AllPairsOf(DataSet set, EmbeddedImages images,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(images);
        var (vectors, people, kept) = images.OfKnownPeople(set.PersonOf);
        set.RequirePeople();
        if (kept.Length < 2)
            throw new EvaluationDataException($"{set.Source}: at least two images of known people are needed, {kept.Length} gave an embedding");
        int[] failed = [.. Enumerable.Range(0, images.Count).Where(i => images.Failure(i) is not null && set.PersonOf[i] >= 0)
            .Select(i => set.PersonOf[i])];
        // The intervals of the highest of the rates have to lie in the tail, with a margin.
        return (AllPairs.Score(vectors, images.Dimension, people, failed, new AllPairsOptions { TailShare = Rates[0] * 1.01 }, cancellation), kept);
    }

    static IReadOnlyList<GroupResult> ByGroup(LabelFile? labels, IReadOnlyList<FixedFmr> atFmr, Func<string, double, SubgroupTable> table)
        => labels is not null && LowestSupported(atFmr) is { } lowest
            ? [.. labels.Columns.Select(column => new GroupResult(column, lowest.Fmr, table(column, lowest.Threshold.Value!.Value)))] : [];

    static FixedFmr? LowestSupported(IReadOnlyList<FixedFmr> atFmr) => atFmr.LastOrDefault(f => f.Threshold.IsSupported);

    static IReadOnlyList<DiscardResult> ByQuality(EmbeddedImages images, IReadOnlyList<ImageQuality>? given,
        IReadOnlyList<FixedFmr> atFmr, ScoredPair[] genuine)
    {
        if (LowestSupported(atFmr) is not { } lowest) return [];
        var indices = Enumerable.Range(0, images.Count);
        ImageQuality[] own =
        [
            new("detector score", [.. indices.Select(images.FaceScore)]),
            new("gate score", [.. indices.Select(images.GateScore)]),
        ];
        ImageQuality[] all = [.. own.Where(q => q.Values.Any(v => v is not null)), .. given ?? []];
        return [.. all.Select(quality =>
        {
            ScoredPair[] known = [.. genuine.Where(p => quality.Values[p.A] is not null && quality.Values[p.B] is not null)];
            var curve = known.Length == 0 ? null : ErrorVersusDiscard.Curve([.. known.Select(p => p.Score)],
                [.. known.Select(p => quality.Values[p.A]!.Value)], [.. known.Select(p => quality.Values[p.B]!.Value)],
                lowest.Threshold.Value!.Value);
            return new DiscardResult(quality.Name, lowest.Fmr, curve, genuine.Length - known.Length);
        })];
    }

    static string Group(LabelFile labels, DataImage image, string column) => labels.Group(image, column) ?? "not known";

    /// <summary>Bins of the histograms.</summary>
    public const int HistogramBins = 128;

    /// <summary>With people where the format tells them and they agree with the labels: only then are there intervals over people.</summary>
    static ScoreSet Scores(DataSet set, List<DataPair> pairs, float[] scores) => PeopleAgree(set, pairs)
        ? ScoreSet.FromPairs(scores, [.. pairs.Select(p => set.PersonOf[p.A])], [.. pairs.Select(p => set.PersonOf[p.B])])
        : ScoreSet.FromPairs(scores, [.. pairs.Select(p => p.Same)]);

    static bool PeopleAgree(DataSet set, IEnumerable<DataPair> pairs)
        => pairs.All(p => set.PersonOf[p.A] >= 0 && set.PersonOf[p.B] >= 0 && p.Same == (set.PersonOf[p.A] == set.PersonOf[p.B]));

    static long[] Histogram(ReadOnlySpan<float> scores)
    {
        var bins = new long[HistogramBins];
        foreach (var score in scores) bins[Math.Clamp((int)((score + 1) / 2 * HistogramBins), 0, HistogramBins - 1)]++;
        return bins;
    }
}
