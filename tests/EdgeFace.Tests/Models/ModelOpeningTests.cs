using EdgeFace.Models;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Models;

public sealed class ModelOpeningTests
{
    [Fact]
    public async Task Memory_stream_and_file_hold_the_same_model()
    {
        var path = TestData.Model("edgeface-xs-distilled.efw");
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        using var file = await ModelFile.OpenAsync(path, TestContext.Current.CancellationToken);
        using var memory = ModelFile.Open(bytes.AsMemory(), "memory");
        using var stream = await ModelFile.OpenAsync(new MemoryStream(bytes), "stream", TestContext.Current.CancellationToken);
        Array.Clear(bytes);
        foreach (var model in (ModelFile[])[memory, stream])
        {
            model.Verify();
            Assert.Equal(file.WeightsSha256, model.WeightsSha256);
            Assert.Equal(file.Card.ToJson(), model.Card.ToJson());
        }
    }

    [Fact]
    public void Bytes_of_no_model_are_refused_by_name()
    {
        foreach (var bytes in (byte[][])[[], [1], new byte[100]])
        {
            var refused = Assert.Throws<ModelFormatException>(() => ModelFile.Open(bytes.AsMemory(), "sent"));
            Assert.Contains("sent", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Cancelled_work_ends()
    {
        var cancelled = new CancellationToken(canceled: true);
        var path = TestData.Model("edgeface-xs-distilled.efw");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ModelFile.OpenAsync(path, cancelled));
        using var model = ModelFile.Open(path);
        foreach (var threads in (int[])[1, 2])
        {
            using var embedder = new FaceEmbedder(model, new() { BatchThreads = threads });
            var (crops, vectors) = (new byte[3 * FaceEmbedder.CropBytes], new float[3 * EdgeFaceConfig.EmbeddingSize]);
            Assert.ThrowsAny<OperationCanceledException>(() => embedder.EmbedBatch(crops, 3, vectors, true, cancelled));
        }
    }

    [Fact]
    public void No_threads_are_refused()
    {
        using var model = DefaultModels.OpenRecogniser();
        Assert.Throws<ArgumentOutOfRangeException>(() => new FaceEmbedder(model, new() { BatchThreads = 0 }));
    }
}
