using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeFace.Models;
using EdgeFace.Training.Detection;
using EdgeFace.Training.Heads;
using EdgeFace.Training.Losses;
using EdgeFace.Training.Optimisers;

namespace EdgeFace.Training;

// Setters, because the JSON generator gives init-only properties that a file lacks the zero of their type.
/// <summary>How a network is trained: everything that decides the result but the data. Read from JSON (docs/training.md); rates are those of one
/// step.</summary>
sealed record Recipe
{
    const int MostBatch = 16384;

    /// <summary>What it is for, in a sentence.</summary>
    public string About { get; set; } = "";

    /// <summary>The variant of the network.</summary>
    public string Network { get; set; } = EdgeFaceVariants.XsGamma06.Name;

    /// <summary>LoRaLin's rank ratio where it is not the variant's own.</summary>
    public double? Gamma { get; set; }

    /// <summary>Whether the last layer is plain where the others are LoRaLin.</summary>
    public bool PlainHead { get; set; }

    /// <summary>How many views are seen in all.</summary>
    public long Views { get; set; } = 600_000;

    /// <summary>Views of one step.</summary>
    public int Batch { get; set; } = 64;

    /// <summary>Views that go through the network together; the batch is a multiple of it.</summary>
    public int Part { get; set; } = 32;

    /// <summary>What moves matrices of linear layers; everything else is AdamW's.</summary>
    public MatrixOptimiser Matrices { get; set; }

    /// <summary>Muon's rate, for matrices of linear layers.</summary>
    public double MuonRate { get; set; } = 4e-4;

    /// <summary>AdamW's rate, for everything else.</summary>
    public double AdamRate { get; set; } = 1e-4;

    /// <summary>Share of itself, times the rate, that a matrix loses in a step; under AdamW alone, every parameter and centre.</summary>
    public double WeightDecay { get; set; }

    /// <summary>Views over which the rates rise.</summary>
    public long WarmUp { get; set; } = 10_000;

    /// <summary>How the rates fall.</summary>
    public Decay Decay { get; set; } = Decay.Linear;

    /// <summary>The share of all views at whose end they begin to fall.</summary>
    public double Hold { get; set; }

    /// <summary>The share of the highest rates that is left at the end.</summary>
    public double FinalRate { get; set; }

    /// <summary>Exponent of the polynomial decay.</summary>
    public double Power { get; set; } = 1;

    /// <summary>Over how many views the average of weights forgets, but for 1/e.</summary>
    public double AverageViews { get; set; } = 20_000;

    /// <summary>Gradients longer than this are shortened to it; 0 leaves them.</summary>
    public double Clip { get; set; } = 1;

    /// <summary>Whether linear layers are computed in bfloat16.</summary>
    public bool Bfloat16 { get; set; }

    /// <summary>The weight of each part of the loss that a teacher gives.</summary>
    public IReadOnlyDictionary<string, double> Losses { get; set; } = new Dictionary<string, double> { ["cosine"] = 1, ["similarity"] = 0.1 };

    /// <summary>What runs the teacher.</summary>
    public TeacherOn TeacherOn { get; set; }

    /// <summary>How people are told apart; null where they are not.</summary>
    public HeadRecipe? Head { get; set; }

    /// <summary>How views of a detector's network are made; null for a recogniser.</summary>
    public DetectionRecipe? Detection { get; set; }

    /// <summary>The share of views that show crops beside the people's, where there are such.</summary>
    public double BesideShare { get; set; } = 0.5;

    /// <summary>How much may be forgotten; null for any amount.</summary>
    public ForgettingGuard? Guard { get; set; }

    /// <summary>The share of views that are changed.</summary>
    public double ChangedShare { get; set; } = 0.5;

    /// <summary>How strongly, times every range.</summary>
    public double Strength { get; set; } = 0.45;

    /// <summary>Whether the reference loader's changes are made too.</summary>
    public bool ReferenceLoader { get; set; }

    /// <summary>Of the order of crops, their changes, and a fresh start.</summary>
    public int Seed { get; set; } = 1;

    /// <summary>Reads and checks a recipe.</summary>
    /// <exception cref="RecipeException">It cannot be read, or a value is out of its range.</exception>
    public static Recipe Read(string path)
    {
        try
        {
            var recipe = JsonSerializer.Deserialize(File.ReadAllBytes(path), RecipeJson.Default.Recipe)
                ?? throw new RecipeException($"{path}: an empty recipe");
            return recipe.Fault() is { } fault ? throw new RecipeException($"{path}: {fault}") : recipe;
        }
        catch (JsonException e)
        {
            if (e.Path is ['$', '.', .. var field] && Choices.TryGetValue(field, out var names))
                throw new RecipeException($"{path}: {field} is one of {names}");
            throw new RecipeException($"{path}: no recipe: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecipeException($"{path}: cannot be read: {e.Message}");
        }
    }

    /// <summary>The network it trains.</summary>
    [JsonIgnore]
    public EdgeFaceConfig Config
    {
        get
        {
            var variant = EdgeFaceVariants.Find(Network)!;
            if (Gamma is { } gamma && gamma != variant.Gamma)
                variant = variant.WithGamma(gamma) with { Name = FormattableString.Invariant($"{variant.Name}_gamma_{gamma}") };
            return PlainHead ? variant.WithPlainHead() : variant;
        }
    }

    /// <summary>The type in which matrices are multiplied; null for that of the weights.</summary>
    [JsonIgnore]
    public TorchSharp.torch.ScalarType? Products => Bfloat16 ? TorchSharp.torch.ScalarType.BFloat16 : null;

    /// <summary>The rates over the run, as a share of the highest.</summary>
    [JsonIgnore]
    public LearningRate Schedule => new(Views, WarmUp, Decay, Hold, FinalRate, Power);

    /// <summary>As JSON, on one line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, OneLine.Recipe);

    // For people to read, in a card.
    static readonly RecipeJson OneLine = new(new JsonSerializerOptions(RecipeJson.Default.Options)
    {
        WriteIndented = false, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    // Where words are wrong, those that there are.
    static readonly Dictionary<string, string> Choices = new()
    {
        ["decay"] = Names<Decay>(),
        ["matrices"] = Names<MatrixOptimiser>(),
        ["teacherOn"] = Names<TeacherOn>(),
        ["head.margin"] = Names<Margin>(),
    };

    /// <summary>The words for the values of a field.</summary>
    internal static string Names<T>() where T : struct, Enum => string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName));

    /// <summary>What is wrong with it, or null.</summary>
    public string? Fault()
    {
        if (Views <= 0) return "views is a positive number";
        if (Part <= 1 || Batch < Part || Batch % Part != 0) return "part is at least 2, and batch a multiple of it";
        if (Batch > MostBatch) return $"batch is at most {MostBatch}";
        if (!Enum.IsDefined(Decay)) return $"decay is one of {Choices["decay"]}";
        if (!Enum.IsDefined(Matrices)) return $"matrices is one of {Choices["matrices"]}";
        if (!Enum.IsDefined(TeacherOn)) return $"teacherOn is one of {Choices["teacherOn"]}";
        if ((Detection is null ? RecogniserFault() : DetectionFault(Detection)) is { } ofNetwork) return ofNetwork;
        double[] rates = [MuonRate, AdamRate, WeightDecay, Clip, AverageViews];
        if (!rates.All(r => r >= 0 && double.IsFinite(r))) return "rates, weightDecay, clip and averageViews are not negative, and finite";
        if (WarmUp < 0 || Hold is not (>= 0 and <= 1) || FinalRate is not (>= 0 and <= 1) || Power is not (> 0 and <= 100))
            return "warmUp is not negative, hold and finalRate lie in [0, 1], power in (0, 100]";
        if (ChangedShare is not (>= 0 and <= 1) || Strength is not (>= 0 and <= 2)) return "changedShare lies in [0, 1], strength in [0, 2]";
        if (Gamma is not (null or (> 0 and <= 1))) return "gamma lies in (0, 1]";
        return BesideShare is >= 0 and < 1 ? Head?.Fault() ?? Guard?.Fault() : "besideShare lies in [0, 1)";
    }

    string? RecogniserFault()
    {
        if (LossSum.Fault(Losses) is { } loss) return loss;
        if (TeacherOn != TeacherOn.Libtorch && LossSum.AskForMaps(Losses))
            return "losses: stages and blocks ask for the teacher's maps; set \"teacherOn\": \"libtorch\"";
        if (Head is null && !Losses.Values.Any(w => w > 0)) return "losses: none has a weight, so there is nothing to learn";
        return EdgeFaceVariants.Find(Network) is not null ? null
            : $"network: '{Network}' is none of {string.Join(", ", EdgeFaceVariants.All.Select(v => v.Name))}";
    }

    string? DetectionFault(DetectionRecipe detection)
    {
        if (Network is not (DetectorLayers.Detector or DetectorLayers.Refiner))
            return $"network: with detection it is {DetectorLayers.Detector} or {DetectorLayers.Refiner}, not '{Network}'";
        if (Head is not null || Guard is not null || Gamma is not null || Bfloat16 || ReferenceLoader)
            return "head, guard, gamma, bfloat16 and referenceLoader are a recogniser's";
        var parts = Network == DetectorLayers.Detector ? DetectionLoss.OfCells : DetectionLoss.OfPatches;
        return DetectionLoss.Fault(Losses, parts) ?? detection.Fault();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true, RespectNullableAnnotations = true, WriteIndented = true,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(Recipe))]
[JsonSerializable(typeof(CheckpointFacts))]
sealed partial class RecipeJson : JsonSerializerContext;
