using System.Diagnostics;
using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Training.Commands;
using EdgeFace.Training.Heads;
using EdgeFace.Training.Network;
using EdgeFace.Weights;
using TorchSharp;

namespace EdgeFace.Training.Tests;

/// <summary>A run is the same however often it is interrupted, and it learns.</summary>
public sealed class TrainingRunTests
{
    static readonly Recipe Small = new()
    {
        Network = "edgeface_xxs", Gamma = 0.2, Views = 48, Batch = 8, Part = 4, WarmUp = 8, AverageViews = 16, ChangedShare = 1, Bfloat16 = true,
        MuonRate = 1e-3, AdamRate = 1e-3,
    };

    const string Pairs = """
        fold,same,a,b
        1,1,person-0/0.png,person-0/1.png
        1,0,person-0/0.png,person-1/0.png
        2,1,person-2/0.png,person-2/1.png
        2,0,person-2/0.png,person-3/0.png
        """;

    static readonly Recipe Labelled = Small with { Head = new(), Bfloat16 = false, ChangedShare = 0 };

    static readonly Recipe OfMaps = Small with
    {
        TeacherOn = TeacherOn.Libtorch, PlainHead = true,
        Losses = new Dictionary<string, double> { ["cosine"] = 1, ["stages"] = 0.5, ["blocks"] = 0.5 },
    };

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public void Interrupted_is_uninterrupted(int threads, bool ofMaps)
    {
        using var run = new SmallRun(ofMaps ? OfMaps : Small);
        run.Train("whole", threads);
        run.Train("parts", threads, stopAfter: 16);
        run.Train("parts", threads, stopAfter: 24);
        run.Train("parts", threads);
        Assert.Equal(run.Tensors("whole"), run.Tensors("parts"));
        Assert.Equal(run.Rows("whole")[^1].Split(',')[0], run.Rows("parts")[^1].Split(',')[0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_killed_run_goes_on_from_its_last_checkpoint(bool labelled)
    {
        using var run = new SmallRun(labelled ? Labelled : Small);
        run.Train("whole", threads: 1);
        using (var program = run.Start("killed", "--save-minutes", "0"))
            try
            {
                while (!File.Exists(run.File("killed/checkpoint.safetensors")))
                {
                    Assert.False(program.HasExited, "the program ended without a checkpoint");
                    await Task.Delay(5, TestContext.Current.CancellationToken);
                }
            }
            finally
            {
                program.Kill();
                program.WaitForExit();
            }
        // Half written when it was killed.
        File.WriteAllText(run.File("killed/.model.safetensors.0.partial"), "");
        run.Train("killed", threads: 1);
        Assert.Equal(run.Tensors("whole"), run.Tensors("killed"));
        Assert.Empty(Directory.GetFiles(run.File("killed"), ".*.partial"));
        if (labelled) Assert.Equal(File.ReadAllBytes(run.File("whole/centres-48.bin")), File.ReadAllBytes(run.File("killed/centres-48.bin")));
    }

    [Fact]
    public void A_teacher_on_libtorch_gives_what_it_gives_on_the_engine()
    {
        var floats = Small with { Bfloat16 = false, Views = 16 };
        using var engine = new SmallRun(floats);
        var torch = new SmallRun(floats with { TeacherOn = TeacherOn.Libtorch }, engine);
        engine.Train("engine", threads: 1);
        torch.Train("libtorch", threads: 1);
        double[] a = Losses("engine"), b = Losses("libtorch");
        for (var i = 0; i < a.Length; i++) Assert.Equal(a[i], b[i], 1e-4);

        double[] Losses(string of)
            => [.. engine.Rows(of)[^1].Split(',')[4..7].Select(v => double.Parse(v, System.Globalization.CultureInfo.InvariantCulture))];
    }

    [Fact]
    public void Maps_of_another_width_are_refused()
    {
        using var run = new SmallRun(OfMaps with { Network = "edgeface_xs_gamma_06", Gamma = null });
        var message = Assert.Throws<RecipeException>(() => run.Train("out", threads: 1)).Message;
        Assert.Contains("32, 64, 100, 192", message, StringComparison.Ordinal);
        Assert.Contains("edgeface_xxs 24, 48, 88, 168", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_fitted_head_is_nearer_to_the_teacher_from_the_start(bool plainHead)
    {
        using var run = new SmallRun(Small with { Views = 8, PlainHead = plainHead });
        string[] command = ["distil", .. run.Inputs, "--threads", "1", "--cache", run.File("cache")];
        Assert.Equal(0, TrainTool.Run([.. command, "--out", run.File("left")]));
        Assert.Equal(0, TrainTool.Run([.. command, "--out", run.File("fitted"), "--fit-head", "1000"]));
        Assert.Equal(2, TrainTool.Run([.. command, "--out", run.File("none"), "--fit-head", "999"]));
        Assert.True(Loss("fitted") < Loss("left") - 0.3, $"{Loss("fitted")} after the fit, {Loss("left")} without");

        double Loss(string of) => double.Parse(run.Rows(of)[^1].Split(',')[5], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void A_run_keeps_others_out_of_its_folder()
    {
        using var run = new SmallRun(Small with { Views = 8 });
        using (run.Open("out", threads: 1))
        {
            var refused = Assert.Throws<TrainingException>(() => run.Open("out", threads: 1));
            Assert.Contains("another run has this folder", refused.Message, StringComparison.Ordinal);
        }
        run.Train("out", threads: 1);
    }

    [Fact]
    public void Validations_have_one_row_each_and_seconds_that_grow()
    {
        using var run = new SmallRun(Small with { Views = 24 });
        run.Train("out", threads: 1, stopAfter: 0, validate: true);
        // A run that is started again where it was validated, in its course or at its end, has that row already.
        run.Train("out", threads: 1, stopAfter: 0, validate: true);
        run.Train("out", threads: 1, validate: true);
        run.Train("out", threads: 1, validate: true);
        string[][] rows = [.. File.ReadAllLines(run.File("out/validation.csv")).Skip(1).Select(r => r.Split(','))];
        Assert.Equal(["0", "8", "16", "24"], rows.Select(r => r[0]));
        double[] seconds = [.. rows.Select(r => double.Parse(r[1], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(0, seconds[0]);
        for (var i = 1; i < seconds.Length; i++) Assert.True(seconds[i] > seconds[i - 1], $"{seconds[i]} after {seconds[i - 1]}");
        // TensorBoard shows the same, over four sessions.
        var curves = EventReader.Curves(run.File("out"));
        Assert.Equal([0, 8, 16, 24], curves["validation/accuracy"].Select(p => p.Step));
        Assert.Equal([8, 16, 24], curves["training/loss"].Select(p => p.Step));
        var accuracies = rows.Select(r => float.Parse(r[4], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(accuracies, curves["validation/accuracy"].Select(p => p.Value));
        Assert.DoesNotContain("training/steps", curves.Keys);
        // No step is left out of the lines.
        Assert.Equal(["8", "16", "24"], run.Rows("out").Skip(1).Select(r => r.Split(',')[0]));
    }

    [Fact]
    public void A_run_without_a_checkpoint_begins_its_tables_anew()
    {
        using var run = new SmallRun(Small with { Views = 8 });
        run.Train("out", threads: 1, validate: true);
        File.Delete(run.File("out/checkpoint.safetensors"));
        run.Train("out", threads: 1, validate: true);
        Assert.Equal(["0", "8"], File.ReadAllLines(run.File("out/validation.csv")).Skip(1).Select(r => r.Split(',')[0]));
    }

    [Fact]
    public void The_program_ends_with_0_where_it_was_told_to_stop_and_exports_what_came_out()
    {
        using var run = new SmallRun(Small);
        Assert.Equal(0, TrainTool.Run(["distil", .. run.Inputs, "--out", run.File("out"), "--stop-after", "8", "--threads", "1"]));
        var checkpoint = run.File("out/checkpoint.safetensors");
        Assert.Equal(2, TrainTool.Run(["export", checkpoint, run.File("low.efw"), "--gamma", "0.1"]));
        Assert.False(File.Exists(run.File("low.efw")));
        Assert.Equal(0, TrainTool.Run(["export", checkpoint, run.File("mine.efw")]));
        using ModelFile exported = ModelFile.Open(run.File("mine.efw")), model = ModelFile.Open(run.File("out/model.safetensors"));
        Assert.Equal(model.WeightsSha256, exported.WeightsSha256);
        Assert.All([exported.Card, model.Card], c => Assert.Equal((true, TrainedCard.UnstatedLicence), (c.NonCommercial, c.Licence)));
        Assert.Contains(run.RecipeJson, model.Card.Training, StringComparison.Ordinal);
    }

    [Fact]
    public void The_benchmark_takes_no_head_and_at_least_one_round()
    {
        using var run = new SmallRun(Labelled);
        string[] bench = ["bench", .. run.Inputs, "--cache", run.File("cache")];
        Assert.Equal(2, TrainTool.Run(bench));
        File.WriteAllText(run.File("recipe.json"), Small.ToJson());
        Assert.Equal(2, TrainTool.Run([.. bench, "--rounds", "0"]));
        Assert.Equal(0, TrainTool.Run([.. bench, "--rounds", "1"]));
        File.WriteAllText(run.File("recipe.json"), OfMaps.ToJson());
        Assert.Equal(0, TrainTool.Run([.. bench, "--rounds", "1"]));
    }

    [Theory]
    [InlineData("CosFace", 1)]
    [InlineData("AdaFace", 2)]
    public void Centres_of_an_interrupted_run_are_those_of_an_uninterrupted_one(string margin, int threads)
    {
        using var run = new SmallRun(Labelled with { Head = new() { Margin = Enum.Parse<Margin>(margin), SampleRate = 0.5 } }, people: 12);
        run.Train("whole", threads);
        run.Train("parts", threads, stopAfter: 16);
        // What a killed run did after its checkpoint counts for nothing.
        File.WriteAllBytes(run.File("parts/centres.work"), [1, 2, 3]);
        run.Train("parts", threads, stopAfter: 24);
        run.Train("parts", threads);
        Assert.Equal(run.Tensors("whole"), run.Tensors("parts"));
        Assert.Equal(File.ReadAllBytes(run.File("whole/centres-48.bin")), File.ReadAllBytes(run.File("parts/centres-48.bin")));
        Assert.Single(Directory.GetFiles(run.File("parts"), "centres-*.bin"));
        Assert.Equal(12 * 512 * 4 * 3, new FileInfo(run.File("whole/centres-48.bin")).Length);
    }

    [Fact]
    public void A_network_learns_people_by_heart()
    {
        using var run = new SmallRun(Labelled with { Views = 800, Batch = 8, Part = 8, WarmUp = 40, AdamRate = 1e-3, MuonRate = 2e-3 }, people: 6);
        run.Train("out", threads: 1, people: 4);
        var header = run.Rows("out")[0].Split(',');
        Assert.Equal(["loss", "cosface", "right"], header[4..7]);
        var rights = run.Rows("out").Skip(1).Select(r => double.Parse(r.Split(',')[6], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.True(rights[^1] > 0.6, $"only {rights[^1]} were right");
        Assert.Equal(4 * 512 * 4 * 3, new FileInfo(run.File("out/centres-800.bin")).Length);
    }

    [Fact]
    public void A_network_comes_to_agree_with_its_teacher()
    {
        using var run = new SmallRun(Small with { Views = 960, ChangedShare = 0, WarmUp = 80, Part = 8, Bfloat16 = false });
        run.Train("out", threads: 1);
        double[] losses = [.. run.Rows("out").Skip(1).Select(r => double.Parse(r.Split(',')[5], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.True(losses[^1] < 0.6, $"1 - cosine to the teacher stayed at {losses[^1]}");
    }

    [Fact]
    public void Other_data_or_another_seed_is_refused()
    {
        using var run = new SmallRun(Small with { Views = 8 });
        run.Train("out", threads: 1);
        var refused = Assert.Throws<TrainingException>(() => new SmallRun(Small with { Views = 8, Seed = 2 }, run).Train("out", threads: 1));
        Assert.Contains("seed", refused.Message, StringComparison.Ordinal);
        run.AddPerson();
        Assert.Contains("other data", Assert.Throws<TrainingException>(() => run.Train("out", threads: 1)).Message, StringComparison.Ordinal);
    }

    /// <summary>A data set of a few made-up crops and a teacher of formula weights.</summary>
    sealed class SmallRun : IDisposable
    {
        readonly CropFolder _crops;
        readonly Recipe _recipe;

        public SmallRun(Recipe recipe, SmallRun? other = null, int people = 4)
        {
            (_recipe, _crops) = (recipe, other?._crops ?? new CropFolder(people));
            FormulaWeights.Write(EdgeFaceVariants.Xxs, File("teacher.safetensors"));
            System.IO.File.WriteAllText(File("recipe.json"), recipe.ToJson());
        }

        public string File(string name) => _crops.File(name);

        public string Data => _crops.Data;

        public string RecipeJson => _recipe.ToJson();

        public string[] Inputs => ["--recipe", File("recipe.json"), "--data", Data, "--teacher", File("teacher.safetensors")];

        public TrainingRun Open(string to, int threads, long? stopAfter = null, int? people = null, bool validate = false)
        {
            var teacher = _recipe.Head is null ? File("teacher.safetensors") : null;
            string[] validation = validate ? [Data] : [];
            if (validate) System.IO.File.WriteAllText(Path.Combine(Data, "pairs.csv"), Pairs);
            var validateViews = validate ? 8 : 0;
            var options = new RunOptions(
                [Data], teacher, null, validation, File(to), File("cache"), threads, 1, 5, validateViews, stopAfter, people);
            return new(_recipe, options, _ => { });
        }

        public void Train(string to, int threads, long? stopAfter = null, int? people = null, bool validate = false)
        {
            using var training = Open(to, threads, stopAfter, people, validate);
            Assert.Equal(stopAfter is null, training.Run(CancellationToken.None));
        }

        /// <summary>The program itself, as a user starts it.</summary>
        public Process Start(string to, params string[] options)
        {
            var find = Process.Start(new ProcessStartInfo(RepositoryFiles.Full("tests/libtorch.sh"), ["--find"]) { RedirectStandardOutput = true })!;
            var dotnet = find.StandardOutput.ReadToEnd().Trim();
            var program = Path.Combine(AppContext.BaseDirectory, "edgeface-train.dll");
            string[] command = _recipe.Head is null ? ["distil", .. Inputs] : ["train", .. Inputs[..^2]];
            string[] arguments = [program, .. command, "--out", File(to), "--cache", File("cache"), "--threads", "1", .. options];
            return Process.Start(new ProcessStartInfo(dotnet, arguments) { RedirectStandardOutput = true })!;
        }

        public IReadOnlyList<string> Tensors(string of)
        {
            using var file = SafeTensors.Read(File($"{of}/checkpoint.safetensors"));
            return [.. file.Tensors.Select(t => $"{t.Name} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(t.Data))}")];
        }

        public string[] Rows(string of) => System.IO.File.ReadAllLines(File($"{of}/training.csv"));

        public void AddPerson()
        {
            var from = Path.Combine(_crops.Data, "person-0");
            var to = Directory.CreateDirectory(Path.Combine(_crops.Data, "person-9")).FullName;
            foreach (var picture in Directory.GetFiles(from)) System.IO.File.Copy(picture, Path.Combine(to, Path.GetFileName(picture)));
        }

        public void Dispose() => _crops.Dispose();
    }
}
