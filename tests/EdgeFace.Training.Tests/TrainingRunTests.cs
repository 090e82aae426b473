using System.Diagnostics;
using EdgeFace.Models;
using EdgeFace.Tests.Support;
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
        Network = "edgeface_xxs", Gamma = 0.2, Views = 48, Batch = 8, Part = 4, WarmUp = 8, AverageViews = 16, ChangedShare = 1, Bfloat16 = true, MuonRate = 1e-3, AdamRate = 1e-3,
    };

    static readonly Recipe Labelled = Small with { Head = new(), Bfloat16 = false, ChangedShare = 0 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Interrupted_is_uninterrupted(int threads)
    {
        using var run = new SmallRun(Small);
        run.Train("whole", threads);
        run.Train("parts", threads, stopAfter: 16);
        run.Train("parts", threads, stopAfter: 24);
        run.Train("parts", threads);
        Assert.Equal(run.Tensors("whole"), run.Tensors("parts"));
        Assert.Equal(run.Rows("whole")[^1].Split(',')[0], run.Rows("parts")[^1].Split(',')[0]);
    }

    [Fact]
    public void A_killed_run_goes_on_from_its_last_checkpoint()
    {
        using var run = new SmallRun(Small);
        run.Train("whole", threads: 1);
        using (var program = run.Start("killed", "--save-minutes", "0"))
        {
            var checkpoint = run.File("killed/checkpoint.safetensors");
            for (var waited = Stopwatch.StartNew(); !File.Exists(checkpoint) && !program.HasExited; Thread.Sleep(5))
                Assert.True(waited.Elapsed < TimeSpan.FromMinutes(4), "no checkpoint was written");
            program.Kill();
            program.WaitForExit();
        }
        run.Train("killed", threads: 1);
        Assert.Equal(run.Tensors("whole"), run.Tensors("killed"));
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
        Assert.Contains("seed", Assert.Throws<TrainingException>(() => new SmallRun(Small with { Views = 8, Seed = 2 }, run).Train("out", threads: 1)).Message, StringComparison.Ordinal);
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

        public void Train(string to, int threads, long? stopAfter = null, int? people = null)
        {
            var teacher = _recipe.Head is null ? File("teacher.safetensors") : null;
            using var training = new TrainingRun(_recipe, new([_crops.Data], teacher, null, null, File(to), File("cache"), threads, 1, 5, 0, stopAfter, people), _ => { });
            Assert.Equal(stopAfter is null, training.Run(CancellationToken.None));
        }

        /// <summary>The program itself, as a user starts it.</summary>
        public Process Start(string to, params string[] options)
        {
            var find = Process.Start(new ProcessStartInfo(RepositoryFiles.Full("tests/libtorch.sh"), ["--find"]) { RedirectStandardOutput = true })!;
            var dotnet = find.StandardOutput.ReadToEnd().Trim();
            var program = Path.Combine(AppContext.BaseDirectory, "edgeface-train.dll");
            return Process.Start(new ProcessStartInfo(dotnet, [program, "distil", "--recipe", File("recipe.json"), "--data", _crops.Data, "--teacher", File("teacher.safetensors"),
                "--out", File(to), "--cache", File("cache"), "--threads", "1", .. options]) { RedirectStandardOutput = true })!;
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
