using EdgeFace.Training.Network;
using static TorchSharp.torch;

namespace EdgeFace.Training;

/// <summary>
/// A network once for each thread: replicas share the weights, and the gradients of the parts of a batch are added in a fixed order. So results are
/// the same, bit for bit, for one number of threads.
/// </summary>
sealed class Replicas<TNetwork> : IDisposable where TNetwork : IDisposable
{
    readonly ParameterBank[] _banks;
    readonly TNetwork[] _networks;

    public Replicas(ParameterBank bank, int threads, Func<ParameterBank, TNetwork> network)
    {
        // Threads are ours, one a replica: libtorch's own would add in another order, and wait for work at full load.
        set_num_threads(1);
        _banks = [bank, .. Enumerable.Range(1, threads - 1).Select(_ => bank.Replica())];
        _networks = [.. _banks.Select(network)];
    }

    /// <summary>A pass of one part: the network, the thread, the part's number and its share of the batch. Gives the part's losses.</summary>
    public delegate float[] Pass(TNetwork network, int thread, int part, double share);

    /// <summary>How many threads there are.</summary>
    public int Count => _networks.Length;

    /// <summary>Passes all parts, adds their gradients to the bank's, and gives the mean losses.</summary>
    public float[] Run(int parts, Pass pass)
    {
        var losses = new float[parts][];
        Task[] others = [.. Enumerable.Range(1, _networks.Length - 1)
            .Select(t => Task.Factory.StartNew(() => RunParts(t), TaskCreationOptions.LongRunning))];
        try
        {
            RunParts(0);
        }
        finally
        {
            // Also where part 0 failed: nobody may work on memory that is freed.
            Task.WaitAll(others);
        }
        foreach (var bank in _banks.AsSpan(1))
        {
            _banks[0].Gradients.add_(bank.Gradients);
            bank.Gradients.zero_();
        }
        return [.. Enumerable.Range(0, losses[0].Length).Select(i => losses.Average(l => l[i]))];

        void RunParts(int thread)
        {
            for (var p = thread; p < parts; p += _networks.Length) losses[p] = pass(_networks[thread], thread, p, 1.0 / parts);
        }
    }

    public void Dispose()
    {
        foreach (var network in _networks) network.Dispose();
        foreach (var bank in _banks.AsSpan(1)) bank.Dispose();
    }
}
