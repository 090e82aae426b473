using System.Globalization;
using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Training.Heads;
using EdgeFace.Weights;

namespace EdgeFace.Training.Tests;

/// <summary>Learning more people without forgetting what was known.</summary>
public sealed class FineTuneTests : IDisposable
{
    static readonly Recipe Small = new()
    {
        Network = "edgeface_xxs", Views = 48, Batch = 8, Part = 4, WarmUp = 8, AverageViews = 16, ChangedShare = 0, MuonRate = 1e-3, AdamRate = 1e-3,
        Head = new() { FromTeacher = true, SampleRate = 0.5 }, BesideShare = 0.25,
    };

    readonly CropFolder _own = new(people: 6), _general = new(people: 5, first: 50);

    public FineTuneTests()
    {
        FormulaWeights.Write(EdgeFaceVariants.Xxs, _own.File("before.safetensors"));
        File.WriteAllText(Path.Combine(_general.Data, "pairs.csv"), """
            fold,same,a,b
            1,1,person-50/0.png,person-50/1.png
            1,0,person-50/0.png,person-51/0.png
            2,1,person-52/0.png,person-52/1.png
            2,0,person-52/0.png,person-53/0.png
            """);
    }

    public void Dispose()
    {
        _own.Dispose();
        _general.Dispose();
    }

    bool Train(Recipe recipe, string to, int threads = 1, long? stopAfter = null, bool validate = false, Func<RunOptions, RunOptions>? change = null)
    {
        var before = _own.File("before.safetensors");
        var options = new RunOptions([_own.Data], before, before, validate ? [_general.Data] : [], _own.File(to), _own.File("cache"), threads,
            1, 5, 8, stopAfter, Beside: [_general.Data]);
        using var run = new TrainingRun(recipe, change?.Invoke(options) ?? options, _ => { });
        return run.Run(CancellationToken.None);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_interrupted_run_beside_general_crops_is_an_uninterrupted_one(int threads)
    {
        Train(Small, "whole", threads);
        Train(Small, "parts", threads, stopAfter: 16);
        Train(Small, "parts", threads);
        Assert.Equal(Tensors("whole"), Tensors("parts"));
        Assert.Equal(File.ReadAllBytes(_own.File("whole/centres-48.bin")), File.ReadAllBytes(_own.File("parts/centres-48.bin")));
        var refused = Assert.Throws<TrainingException>(() => Train(Small, "parts", threads, change: o => o with { Beside = [] }));
        Assert.Contains("other data", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Centres_that_follow_the_teacher_are_those_of_an_uninterrupted_run(int threads)
    {
        var head = new HeadRecipe { AdaDistill = true, SampleRate = 0.5, Margin = Margin.ArcFace };
        var following = Small with { Head = head, Losses = new Dictionary<string, double>() };
        static RunOptions Alone(RunOptions options) => options with { Beside = [] };
        Train(following, "whole", threads, change: Alone);
        Train(following, "parts", threads, stopAfter: 16, change: Alone);
        Train(following, "parts", threads, change: Alone);
        Assert.Equal(Tensors("whole"), Tensors("parts"));
        Assert.Equal(File.ReadAllBytes(_own.File("whole/centres-48.bin")), File.ReadAllBytes(_own.File("parts/centres-48.bin")));
        Assert.Equal(["loss", "adadistill", "right"], File.ReadLines(_own.File("whole/training.csv")).First().Split(',')[4..7]);
        // The teacher on libtorch is the same, and beside crops of nobody a teacher's losses stand with it.
        Assert.True(Train(following with { TeacherOn = TeacherOn.Libtorch, Losses = Small.Losses }, "libtorch", threads));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_plain_last_layer_of_the_start_is_told_of_where_it_is_cut(bool keeps)
    {
        var start = _own.File("plain.safetensors");
        FormulaWeights.Write(EdgeFaceVariants.Xxs.WithGamma(0.3).WithPlainHead(), start);
        var recipe = Small with { Gamma = 0.3, PlainHead = keeps, Views = 8, WarmUp = 0, Head = null, BesideShare = 0 };
        var options = new RunOptions([_own.Data], start, start, [], _own.File("out"), _own.File("cache"), 1, 1, 5, 0);
        List<string> said = [];
        using (var run = new TrainingRun(recipe, options, said.Add)) run.Run(CancellationToken.None);
        Assert.Equal(!keeps, said.Exists(line => line.Contains("plainHead", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_guard_stops_where_too_much_is_forgotten_and_keeps_what_held()
    {
        var guarded = Small with { MuonRate = 3e-2, AdamRate = 3e-2, Guard = new() { AccuracyLoss = 1, FnmrRise = 1, LeastAgreement = 0.999 } };
        var stopped = Assert.Throws<TrainingException>(() => Train(guarded, "out", validate: true));
        Assert.Contains("guard.leastAgreement", stopped.Message, StringComparison.Ordinal);
        Assert.Contains("stopped after 8 views", stopped.Message, StringComparison.Ordinal);
        using (ModelFile kept = ModelFile.Open(_own.File("out/model.safetensors")), before = ModelFile.Open(_own.File("before.safetensors")))
            Assert.Equal(before.WeightsSha256, kept.WeightsSha256);
        Assert.False(File.Exists(_own.File("out/candidate.safetensors")));
        Assert.Equal(2, File.ReadAllLines(_own.File("out/validation.csv")).Length - 1);
        // The same command says the same; with another guard the run goes on.
        Assert.Equal(stopped.Message, Assert.Throws<TrainingException>(() => Train(guarded, "out", validate: true)).Message);
        Assert.True(Train(guarded with { Guard = new() { AccuracyLoss = 1, FnmrRise = 1, LeastAgreement = -1 } }, "out", validate: true));
    }

    [Fact]
    public void A_guard_compares_with_the_runs_start()
    {
        var guard = new ForgettingGuard();
        ValidationFigures start = new(0.99, 0.98, 0.990, 0.05);
        Assert.Null(guard.Broken(start, new(0.91, 0.8, 0.986, 0.069)));
        Assert.Contains("accuracy fell from 99.00 to 98.40 %", guard.Broken(start, start with { Accuracy = 0.984 }), StringComparison.Ordinal);
        Assert.Contains("rose from 5.00 to 7.10 %", guard.Broken(start, start with { Fnmr = 0.071 }), StringComparison.Ordinal);
        Assert.Contains("0.899", guard.Broken(start, start with { Agreement = 0.899 }), StringComparison.Ordinal);
        // What is not known breaks nothing.
        Assert.Null(guard.Broken(start with { Fnmr = null }, new(null, null, 0.99, 0.9)));
    }

    [Fact]
    public void What_a_run_cannot_do_is_refused()
    {
        foreach (var (recipe, change, word) in new (Recipe, Func<RunOptions, RunOptions>, string)[]
        {
            (Small with { Guard = new() }, o => o, "--validation"),
            (Small, o => o with { Teacher = null, Beside = [] }, "head.fromTeacher"),
            (Small with { Head = new() }, o => o with { Teacher = null }, "--teacher"),
            (Small with { Head = new() { AdaDistill = true } }, o => o with { Teacher = null, Beside = [] }, "head.adaDistill"),
            (Small with { Head = new() { AdaDistill = true }, Losses = new Dictionary<string, double>() }, o => o, "none of the recipe's"),
        })
            Assert.Contains(word, Assert.Throws<RecipeException>(() => Train(recipe, "no", change: change)).Message, StringComparison.Ordinal);
        Train(Small, "late", stopAfter: 8);
        Assert.Contains("began without --validation",
            Assert.Throws<TrainingException>(() => Train(Small with { Guard = new() }, "late", validate: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Centres_begin_where_the_teacher_sees_the_people()
    {
        Train(Small, "out", stopAfter: 0);
        using var file = ModelFile.Open(_own.File("before.safetensors"));
        using var teacher = new FaceEmbedder(file);
        using var centres = new ClassCentres(_own.File("out/centres-0.bin"), 6);
        using var rows = centres.Take(0, [0, 1, 2, 3, 4, 5]);
        using var crops = _own.Open();
        var values = rows.data<float>().ToArray();
        for (var p = 0; p < 6; p++)
        {
            var sum = new float[EdgeFaceConfig.EmbeddingSize];
            foreach (var crop in (int[])[2 * p, 2 * p + 1])
            {
                var vector = new float[EdgeFaceConfig.EmbeddingSize];
                teacher.Embed(crops[crop], vector);
                for (var i = 0; i < sum.Length; i++) sum[i] += vector[i];
            }
            var row = values[(p * sum.Length)..((p + 1) * sum.Length)];
            var cosine = row.Zip(sum, (a, b) => (double)a * b).Sum() / Length(row) / Length(sum);
            Assert.True(cosine > 0.9999, $"person {p}: {cosine}");
            Assert.InRange(Length(row), 0.15, 0.3);
        }

        static double Length(float[] v) => Math.Sqrt(v.Sum(x => (double)x * x));
    }

    [Fact]
    public void The_recipe_tells_ones_own_people_apart_and_forgets_little()
    {
        string train = TestData.Shared("train/train.rec"), lfw = TestData.Shared("lfw");
        using var folder = new TempFolder();
        // A part of LFW, so that it takes seconds.
        string[] lines = File.ReadAllLines(Path.Combine(lfw, "pairs.csv"));
        string[] pairs = [lines[0], .. lines.Skip(1).Where((_, i) => i % 20 == 0)];
        foreach (var crop in pairs.Skip(1).SelectMany(l => l.Split(',')[2..]).Distinct())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[$"held/{crop}"])!);
            File.Copy(Path.Combine(lfw, crop), folder[$"held/{crop}"]);
        }
        File.WriteAllLines(folder["held/pairs.csv"], pairs);
        var recipe = Recipe.Read(RepositoryFiles.Full("training/recipes/fine-tune.json")) with
        {
            Views = 640, Batch = 32, Part = 16, WarmUp = 64, AverageViews = 100, Guard = new() { AccuracyLoss = 0.02, FnmrRise = 1 },
        };
        var before = TestData.Model("edgeface-xs-distilled.efw");
        var options = new RunOptions([train], before, before, [folder["held"]], folder["out"], folder["cache"], 2, 1, 5, 0, null, 20,
            Beside: [train]);
        using (var run = new TrainingRun(recipe, options, _ => { })) Assert.True(run.Run(CancellationToken.None));
        string[][] rows = [.. File.ReadAllLines(folder["out/validation.csv"]).Select(r => r.Split(','))];
        double At(int row, string column) => double.Parse(rows[row][Array.IndexOf(rows[0], column)], CultureInfo.InvariantCulture);
        Assert.Equal(1, At(1, "agreement"), 1e-3);
        Assert.InRange(At(2, "agreement"), 0.9, 0.9999);
        Assert.InRange(At(2, "accuracy"), At(1, "accuracy") - 0.02, 1);
        var training = File.ReadAllLines(folder["out/training.csv"]);
        var right = double.Parse(training[^1].Split(',')[Array.IndexOf(training[0].Split(','), "right")], CultureInfo.InvariantCulture);
        Assert.True(right > 0.9, $"{right} of the views of one's own people were right");
    }

    IReadOnlyList<string> Tensors(string of)
    {
        using var file = SafeTensors.Read(_own.File($"{of}/checkpoint.safetensors"));
        return [.. file.Tensors.Select(t => $"{t.Name} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(t.Data))}")];
    }
}
