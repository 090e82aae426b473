using EdgeFace.Models;
using EdgeFace.Training.Data;
using EdgeFace.Training.Losses;
using EdgeFace.Training.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Tests;

public sealed class TrainerTests
{
    static readonly Recipe Small = new() { Network = "edgeface_xxs", Gamma = 0.2, Batch = 4, Part = 2, Bfloat16 = true };
    static readonly LossSum Cosine = new(Small.Losses);

    [Fact]
    public void Steps_leave_no_tensors_behind()
    {
        using var bank = new ParameterBank(Small.Config);
        Start.Fresh(bank, 1);
        using var state = new TrainingState(bank, Small);
        using var trainer = new Trainer(bank, Small, threads: 1, Cosine, head: null);
        var live = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            trainer.Run(Batch(seed: i));
            state.Step(Small);
            live.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
        Assert.Equal(live[1], live[3]);
    }

    [Fact]
    public void Threads_add_up_to_the_gradients_of_one()
    {
        using var bank = new ParameterBank(Small.Config);
        Start.Fresh(bank, 1);
        using Trainer one = new(bank, Small, threads: 1, Cosine, head: null), two = new(bank, Small, threads: 2, Cosine, head: null);
        var batch = Batch(seed: 1);
        var loss = one.Run(batch);
        using var expected = bank.Gradients.clone();
        bank.Gradients.zero_();
        Assert.Equal(loss, two.Run(batch));
        using var difference = bank.Gradients - expected;
        Assert.True(expected.norm().ToDouble() > 0);
        Assert.True(difference.norm().ToDouble() <= 1e-5 * expected.norm().ToDouble());
    }

    [Fact]
    public void A_gradient_that_is_not_finite_ends_the_run()
    {
        using var bank = new ParameterBank(Small.Config);
        using var state = new TrainingState(bank, Small);
        bank.Gradients[5] = float.NaN;
        Assert.Contains("step 1", Assert.Throws<TrainingException>(() => state.Step(Small)).Message, StringComparison.Ordinal);
        Assert.Equal(0, bank.Values.abs().max().ToDouble());
    }

    static Batch Batch(int seed)
    {
        var random = new Random(seed);
        var batch = new Batch(0, new byte[4 * FaceEmbedder.CropBytes], new float[4 * EdgeFaceConfig.EmbeddingSize], []);
        random.NextBytes(batch.Views);
        for (var i = 0; i < batch.Teacher.Length; i++) batch.Teacher[i] = (float)(random.NextDouble() - 0.5) / 6.5f;
        return batch;
    }
}
