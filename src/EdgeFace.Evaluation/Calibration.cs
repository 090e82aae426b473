using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeFace.Weights;

namespace EdgeFace.Evaluation;

/// <summary>What a calibration was made from.</summary>
/// <param name="Description">The data in words: whose faces, which cameras, what was cleaned.</param>
/// <param name="Images">Images that gave an embedding.</param>
/// <param name="FailedImages">Images that gave none.</param>
/// <param name="People">People.</param>
/// <param name="GenuinePairs">Pairs of images of one person.</param>
/// <param name="ImpostorPairs">Pairs of images of two people.</param>
public sealed record CalibrationData(string Description, int Images, int FailedImages, int People, long GenuinePairs, long ImpostorPairs);

/// <summary>A threshold for a false match rate.</summary>
/// <param name="Fmr">The false match rate aimed at.</param>
/// <param name="Threshold">The lowest score at which it is not exceeded, with its interval over people; or why the data cannot support one.</param>
/// <param name="Fnmr">The false non-match rate there.</param>
/// <param name="FalseMatches">Impostor pairs that reach it.</param>
/// <param name="PersonPairs">Distinct pairs of people among them.</param>
public sealed record CalibratedThreshold(double Fmr, Estimate Threshold, Estimate Fnmr, long FalseMatches, long PersonPairs);

/// <summary>The thresholds of one kind of embedding.</summary>
/// <param name="Contract">What made the embeddings.</param>
/// <param name="Thresholds">Highest false match rate first.</param>
public sealed record CalibratedEmbedding(EmbeddingContract Contract, IReadOnlyList<CalibratedThreshold> Thresholds);

/// <summary>
/// Thresholds for the embeddings of one model, as one crop and as mirror sum, measured on all pairs of images of known people. Written as
/// JSON and loaded by whoever decides; bound to the contracts of the embeddings, and refused for others.
/// </summary>
public sealed record Calibration
{
    /// <summary>The schema that this version writes and reads.</summary>
    public const string CurrentSchema = "edgeface.calibration.v1";

    const int MostBytes = 1 << 20;

    /// <summary>The false match rates that are calibrated.</summary>
    public static IReadOnlyList<double> Rates { get; } = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

    /// <summary>Always <see cref="CurrentSchema"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>From what.</summary>
    public required CalibrationData Data { get; init; }

    /// <summary>Confidence of the intervals.</summary>
    public required double Confidence { get; init; }

    /// <summary>Thresholds of each kind of embedding.</summary>
    public required IReadOnlyList<CalibratedEmbedding> Embeddings { get; init; }

    /// <summary>What the supported rates mean for galleries of some sizes.</summary>
    public IReadOnlyList<ExpectedFpir> ExpectedFpir { get; init => field = value ?? []; } = [];

    /// <summary>Calibrates on all pairs of the same images, embedded in one or several ways.</summary>
    /// <param name="description">The data in words.</param>
    /// <param name="created">When; the caller's clock.</param>
    /// <param name="embeddings">The contract and the scores of each kind of embedding.</param>
    /// <param name="bootstrap">How intervals are made.</param>
    /// <param name="galleries">Sizes of galleries for <see cref="ExpectedFpir"/>;
    /// <see cref="Evaluation.ExpectedFpir.UsualGalleries"/> unless given.</param>
    /// <exception cref="EvaluationDataException">No embeddings, the kinds are of different images, or two have one contract.</exception>
    public static Calibration Create(string description, DateTimeOffset created,
        IReadOnlyList<(EmbeddingContract Contract, AllPairs Scores)> embeddings, PersonBootstrap? bootstrap = null,
        IReadOnlyList<long>? galleries = null)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(embeddings);
        if (embeddings.Count == 0) throw new EvaluationDataException("there are no embeddings to calibrate on");
        if (embeddings.Select(e => e.Contract).Distinct().Count() != embeddings.Count)
            throw new EvaluationDataException("two kinds of embeddings have one contract");
        var first = embeddings[0].Scores;
        if (embeddings.Any(e => Facts(e.Scores) != Facts(first)))
            throw new EvaluationDataException("the kinds of embeddings are of different images");
        var intervals = bootstrap ?? new();
        CalibratedEmbedding[] calibrated = [.. embeddings.Select(e => new CalibratedEmbedding(e.Contract,
            [.. e.Scores.AtFmr(Rates, intervals)
                .Select(f => new CalibratedThreshold(f.Fmr, f.Threshold, f.Fnmr, f.Point?.Fmr.Count ?? 0, f.PersonPairs ?? 0))]))];
        return new()
        {
            Schema = CurrentSchema,
            Created = created,
            Data = new(description, first.Images, first.FailedImages, first.People, first.GenuineCount, first.ImpostorCount),
            Confidence = intervals.Confidence,
            Embeddings = calibrated,
            ExpectedFpir = Evaluation.ExpectedFpir.Of(
                Rates.Where(rate => calibrated.Any(c => c.Thresholds.Any(t => t.Fmr == rate && t.Threshold.IsSupported))),
                galleries ?? Evaluation.ExpectedFpir.UsualGalleries),
        };
    }

    static (int Images, int Failed, int People, long Genuine) Facts(AllPairs of) => (of.Images, of.FailedImages, of.People, of.GenuineCount);

    /// <summary>The thresholds for embeddings of a contract.</summary>
    /// <exception cref="CalibrationMismatchException">The calibration is of other embeddings.</exception>
    public CalibratedEmbedding RequireFor(EmbeddingContract contract)
    {
        ArgumentNullException.ThrowIfNull(contract);
        return Embeddings.FirstOrDefault(e => e.Contract == contract)
            ?? throw new CalibrationMismatchException([.. Embeddings.Select(e => e.Contract)], contract);
    }

    /// <summary>The threshold for embeddings of a contract at a false match rate.</summary>
    /// <exception cref="CalibrationMismatchException">The calibration is of other embeddings.</exception>
    /// <exception cref="CalibrationException">The rate was not calibrated, or the data did not support a threshold for it.</exception>
    public double ThresholdFor(EmbeddingContract contract, double fmr)
    {
        var all = RequireFor(contract).Thresholds;
        var found = all.FirstOrDefault(t => Math.Abs(t.Fmr - fmr) <= 1e-6 * t.Fmr);
        string listed = string.Join(", ", all.Where(t => t.Threshold.IsSupported)
            .Select(t => t.Fmr.ToString("g3", System.Globalization.CultureInfo.InvariantCulture)));
        var offer = listed.Length == 0 ? "it has none" : "it has thresholds for " + listed;
        if (found is null)
            throw new CalibrationException(FormattableString.Invariant($"the calibration has no threshold for FMR {fmr:g3}; {offer}"))
            {
                Kind = ErrorKind.Request,
            };
        return found.Threshold.Value ?? throw new CalibrationException(
            FormattableString.Invariant($"the calibration's data support no threshold for FMR {fmr:g3}: {found.Threshold.Unsupported}; {offer}"))
        {
            Kind = ErrorKind.Request,
        };
    }

    /// <summary>The calibration as indented JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, CalibrationJson.Default.Calibration);

    /// <summary>Reads a calibration file.</summary>
    /// <exception cref="CalibrationException">The file cannot be read, or is not a calibration.</exception>
    public static Calibration Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Directory.Exists(path)) throw new CalibrationException($"{path}: a calibration is a file, this is a folder");
        byte[] bytes;
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > MostBytes)
                throw new CalibrationException($"{path}: {file.Length} bytes are no calibration; one has at most {MostBytes}");
            bytes = new byte[file.Length];
            file.ReadExactly(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CalibrationException($"{path}: the calibration cannot be read: {e.Message}", e);
        }
        return FromJson(bytes, path);
    }

    /// <summary>Reads a calibration.</summary>
    /// <param name="source">Its name in messages.</param>
    /// <exception cref="CalibrationException">Not a calibration.</exception>
    public static Calibration FromJson(ReadOnlySpan<byte> utf8, string source)
    {
        try
        {
            // Editors of some systems put a mark before UTF-8.
            if (utf8.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) utf8 = utf8[3..];
            var calibration = JsonSerializer.Deserialize(utf8, CalibrationJson.Default.Calibration) ?? throw new JsonException("it is null");
            if (calibration.Fault() is { } fault) throw new JsonException(fault);
            return calibration;
        }
        catch (JsonException e)
        {
            throw new CalibrationException($"{source}: not a calibration of schema {CurrentSchema}: {JsonFault.Of(e)}", e);
        }
    }

    string? Fault()
    {
        if (Schema != CurrentSchema) return $"its schema is '{Schema}'";
        if (!(Confidence is > 0 and < 1)) return $"its confidence is {Confidence}";
        if (Data.Images < 0 || Data.FailedImages < 0 || Data.People < 0 || Data.GenuinePairs < 0 || Data.ImpostorPairs < 0)
            return "a count of its data is negative";
        if (ExpectedFpir.FirstOrDefault(e => e is not { Fmr: >= 0 and <= 1, People: >= 0 }
                || !(Math.Abs(e.Fpir - SearchRates.Fpir(e.Fmr, e.People)) <= 1e-6)) is { } wrong)
            return FormattableString.Invariant($"FPIR {wrong.Fpir} of {wrong.People} people does not follow from FMR {wrong.Fmr}");
        if (ExpectedFpir.Contains(null!)) return "an expected FPIR is null";
        if (Embeddings.Count == 0 || Embeddings.Contains(null!)) return "it holds no embeddings, or null for one";
        if (Embeddings.Select(e => e.Contract).Distinct().Count() != Embeddings.Count) return "two of its embeddings have one contract";
        foreach (var thresholds in Embeddings.Select(e => e.Thresholds))
        {
            if (thresholds.Contains(null!)) return "a threshold is null";
            (double Fmr, double Score) before = (1, -1);
            foreach (var t in thresholds)
            {
                if (!(t.Fmr > 0 && t.Fmr < before.Fmr))
                    return FormattableString.Invariant($"FMR {t.Fmr} follows {before.Fmr}; rates fall and lie between 0 and 1");
                if (Wrong(t.Threshold) || Wrong(t.Fnmr))
                    return FormattableString.Invariant(
                        $"a figure at FMR {t.Fmr} has both a value and a reason against it, or neither, or an interval upside down");
                var score = t.Threshold.Value ?? before.Score;
                // Just above 1 is the threshold that no pair reaches.
                if (!(score >= before.Score && score < 1.001))
                    return FormattableString.Invariant($"the threshold {score} at FMR {t.Fmr} is lower than that of a higher rate, or no cosine");
                if (t.Fnmr.Value is not (null or (>= 0 and <= 1))) return FormattableString.Invariant($"FNMR {t.Fnmr.Value} is no rate");
                if (t.FalseMatches < 0 || t.PersonPairs < 0) return FormattableString.Invariant($"a count at FMR {t.Fmr} is negative");
                before = (t.Fmr, score);
            }
        }
        return null;
    }

    static bool Wrong(Estimate figure)
        => figure.Value is null == figure.Unsupported is null || figure.Interval is { } i && (figure.Value is null || !(i.Low <= i.High));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Calibration))]
sealed partial class CalibrationJson : JsonSerializerContext;
