using EdgeFace.Tests.Support;
using EdgeFace.Training.Commands;
using EdgeFace.Training.Detection;
using EdgeFace.Vision;

namespace EdgeFace.Training.Tests.Detection;

/// <summary>Runs of the detector's networks: interrupted or not the same, measured, and with a model that the engine takes.</summary>
public sealed class DetectionRunTests
{
    [Theory]
    [InlineData(DetectorLayers.Detector, 1)]
    [InlineData(DetectorLayers.Detector, 2)]
    [InlineData(DetectorLayers.Refiner, 1)]
    public void Interrupted_is_uninterrupted_and_gives_a_detector(string network, int threads)
    {
        using var run = new SmallDetection(network);
        string[] Options(string to) => [.. run.Command(to), "--threads", $"{threads}", "--workers", "2"];
        Assert.Equal(0, TrainTool.Run(Options("whole")));
        Assert.Equal(0, TrainTool.Run([.. Options("parts"), "--stop-after", "4"]));
        // Half written by a session that was killed.
        File.WriteAllText(run.File("parts/.model.safetensors.0.partial"), "");
        Assert.Equal(0, TrainTool.Run([.. Options("parts"), "--stop-after", "12"]));
        Assert.Equal(0, TrainTool.Run(Options("parts")));
        Assert.Equal(run.Tensors("whole"), run.Tensors("parts"));
        var validations = File.ReadAllLines(run.File("whole/validation.csv"));
        Assert.Equal(["views", "seconds", "averagePrecision", "recallAt0.1", "web"], validations[0].Split(','));
        Assert.Equal(["0", "8", "16"], validations.Skip(1).Select(l => l.Split(',')[0]));
        Assert.Equal("16", File.ReadAllLines(run.File("parts/training.csv"))[^1].Split(',')[0]);
        Assert.Contains("<svg", File.ReadAllText(run.File("whole/page.html")), StringComparison.Ordinal);

        Assert.Equal(0, TrainTool.Run(["export", run.File("whole/checkpoint.safetensors"), run.File("mine.efw")]));
        using ModelFile exported = ModelFile.Open(run.File("mine.efw")), model = ModelFile.Open(run.File("whole/model.safetensors"));
        Assert.Equal(model.WeightsSha256, exported.WeightsSha256);
        Assert.Equal((true, TrainedCard.UnstatedLicence, network == DetectorLayers.Detector ? "detector" : "refiner"),
            (exported.Card.NonCommercial, exported.Card.Licence, exported.Card.Kind));
        using var detector = network == DetectorLayers.Detector ? exported : DetectorModuleTests.Open(DetectorLayers.Detector);
        using var refiner = network == DetectorLayers.Refiner ? exported : DetectorModuleTests.Open(DetectorLayers.Refiner);
        using var finder = new FaceDetector(detector, refiner);
        // A few steps unlearn nothing.
        Assert.Single(finder.Detect(ImageCodec.Load(TestData.Sample("adam-1.jpg"))));
    }

    [Fact]
    public void Stage_1_learns_the_answers_of_its_teacher()
    {
        using var run = new SmallDetection(DetectorLayers.Detector);
        var command = run.Command("out", withStart: false, validateViews: 640);
        File.WriteAllText(run.File("recipe.json"), (SmallDetection.Recipe(DetectorLayers.Detector) with
        {
            Views = 640, Batch = 8, Part = 8, WarmUp = 40, AdamRate = 2e-3, ChangedShare = 0,
        }).ToJson());
        Assert.Equal(0, TrainTool.Run([.. command, "--threads", "1"]));
        double[] found = [.. File.ReadAllLines(run.File("out/validation.csv")).Skip(1)
            .Select(r => double.Parse(r.Split(',')[2], System.Globalization.CultureInfo.InvariantCulture))];
        // With the refiner behind it: the face of the picture that it was not trained on.
        Assert.Equal([0, 1], found);
    }

    [Fact]
    public void Recipes_and_options_that_do_not_fit_are_refused_in_a_sentence()
    {
        using var run = new SmallDetection(DetectorLayers.Detector);
        var command = run.Command("out");
        var recipe = SmallDetection.Recipe(DetectorLayers.Detector);
        Refused(recipe with { Detection = new() { Window = 100 } }, "detection.window is a multiple of 32");
        Refused(recipe with { Network = "edgeface_xs_q" }, "with detection it is edgeface-detector or edgeface-refiner");
        Refused(recipe with { Losses = new Dictionary<string, double> { ["cosine"] = 1 } }, "'cosine' is unknown; there are score, boxes, points");
        Refused(recipe with { Bfloat16 = true }, "a recogniser's");
        File.WriteAllText(run.File("recipe.json"), SmallDetection.Recipe(DetectorLayers.Refiner).ToJson());
        Assert.Equal(2, TrainTool.Run(command));
        // A recogniser's commands do not take it.
        Assert.Equal(2, TrainTool.Run(["distil", "--recipe", run.File("recipe.json"), "--data", "x", "--teacher", "y", "--out", run.File("z")]));
        File.WriteAllText(run.File("recipe.json"), recipe.ToJson());
        Assert.Equal(2, TrainTool.Run([.. command.Where((c, i) => c != "--refiner" && (i == 0 || command[i - 1] != "--refiner"))]));
        // A teacher that is no YuNet.
        var ours = RepositoryFiles.Full("models/edgeface-detector.efw");
        Assert.Equal(3, TrainTool.Run([.. command.Select(c => c == SmallDetection.Teacher ? ours : c)]));

        void Refused(Recipe wrong, string because)
        {
            File.WriteAllText(run.File("recipe.json"), wrong.ToJson());
            var refused = Assert.Throws<RecipeException>(() => Training.Recipe.Read(run.File("recipe.json")));
            Assert.Contains(because, refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("detector", DetectorLayers.Detector)]
    [InlineData("refiner", DetectorLayers.Refiner)]
    public void Our_recipes_are_whole(string name, string network)
        => Assert.Equal(network, Training.Recipe.Read(RepositoryFiles.Full($"training/recipes/{name}.json")).Network);
}
