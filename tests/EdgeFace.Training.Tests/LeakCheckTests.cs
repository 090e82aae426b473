using EdgeFace.Models;
using EdgeFace.Tests.Support;

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
}
