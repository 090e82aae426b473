using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Training.Commands;
using EdgeFace.Training.Data;

namespace EdgeFace.Training.Tests;

public sealed class LeakCheckTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(1024)]
    public void A_test_crop_among_the_training_crops_is_found_and_no_other(int rows)
    {
        using CropFolder training = new(people: 5), test = new(people: 2, first: 100);
        File.Copy(Path.Combine(test.Data, "person-101", "1.png"), Path.Combine(training.Data, "person-2", "2.png"));
        FormulaWeights.Write(EdgeFaceVariants.Xxs, test.File("model.safetensors"));
        using var model = ModelFile.Open(test.File("model.safetensors"));
        using var embedder = new FaceEmbedder(model);
        using var crops = training.Open();
        using var tested = test.Open();
        var leak = Assert.Single(LeakCheck.Find(crops, tested, embedder, 0.9999f, _ => { }, rows, TestContext.Current.CancellationToken));
        Assert.Equal(1, leak.Score, 1e-5);
        Assert.Equal(tested[leak.Test], crops[leak.Crop]);
        Assert.Empty(LeakCheck.Find(tested, crops, embedder, 1.01f, _ => { }, rows, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void People_of_one_name_are_found_whatever_they_look_like_and_crops_are_named()
    {
        using CropFolder training = new(people: 3), test = new(people: 2, first: 2);
        // The same name, written otherwise; numbers name nobody.
        Directory.Move(Path.Combine(test.Data, "person-2"), Path.Combine(test.Data, "Person 2"));
        foreach (var folder in new[] { training, test })
        {
            Directory.CreateDirectory(Path.Combine(folder.Data, "0007"));
            File.Copy(Directory.GetFiles(folder.Data, "1.png", SearchOption.AllDirectories)[0], Path.Combine(folder.Data, "0007", "1.png"));
        }
        using CropStore crops = Named(training), tested = Named(test);
        Assert.Equal([("person-2", 2)], LeakCheck.SharedNames(crops, tested));
        Assert.Equal(crops.Count, crops.Names.Count);
        var one = Assert.Single(crops.Names, n => n.Name == "data/person-1/0.png");
        Assert.Equal("person-1", one.Person);
        Assert.Equal(2, crops.Names.Count(n => n.Whose == one.Whose));

        FormulaWeights.Write(EdgeFaceVariants.Xxs, test.File("model.safetensors"));
        string[] command = ["check-leaks", "--data", training.Data, "--model", test.File("model.safetensors"), "--cache", test.File("cache")];
        Assert.Equal(1, TrainTool.Run([.. command, "--test", test.Data, "--threshold", "1.01", "--write", test.File("out.txt")]));
        Assert.Equal(["data/person-2/0.png", "data/person-2/1.png"], File.ReadAllLines(test.File("out.txt")).Order(StringComparer.Ordinal));
        // By score one crop: with it all of its person's.
        Leak[] leaks = [new(Enumerable.Range(0, crops.Count).First(i => crops.Names[i].Name == one.Name), 0, 1)];
        Assert.Equal(["data/person-1/0.png", "data/person-1/1.png"], LeakCheck.ToLeaveOut(crops, leaks, []).Order(StringComparer.Ordinal));
        using var stranger = new CropFolder(people: 1, first: 50);
        Assert.Equal(0, TrainTool.Run([.. command, "--test", stranger.Data, "--threshold", "1.01"]));

        static CropStore Named(CropFolder folder)
            => CropStore.Open([folder.Data], folder.File("cache"), _ => { }, withNames: true, stop: TestContext.Current.CancellationToken);
    }
}
