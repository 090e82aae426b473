using EdgeFace.Kernels;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;
using EdgeFace.Vision.Detection.Maps;

namespace EdgeFace.Training.Detection;

/// <summary>What YuNet, on EdgeFace's own engine, says of every cell of a window. Weights are shared by all threads.</summary>
sealed unsafe class DenseTeacher : IDisposable
{
    // Cells below count as zero.
    const float Least = 1e-3f;

    readonly YuNetNetwork _network;

    /// <exception cref="ModelFormatException">It is no YuNet.</exception>
    public DenseTeacher(ModelFile model) => _network = new(model, KernelSet.Default, Least);

    /// <summary>What one thread works in.</summary>
    public sealed class Memory(NetworkPass pass) : IDisposable
    {
        public NetworkPass Pass { get; } = pass;

        public WindowRows Rows { get; } = new();

        public void Dispose() => Pass.Dispose();
    }

    public Memory NewMemory() => new(_network.NewPass());

    /// <summary>The cells of a square window of RGB bytes, in the order of <see cref="CellGrid"/>; a score of 0 where there is nothing.</summary>
    /// <param name="side">A multiple of 32.</param>
    public void Answer(Memory memory, ReadOnlySpan<byte> window, int side, Span<Candidate> cells)
    {
        fixed (byte* pixels = window)
        {
            memory.Rows.Set(pixels, side);
            memory.Pass.Run(memory.Rows, side, side);
        }
        var at = 0;
        for (int i = 0, stride = 8; i < 3; i++, stride *= 2)
        {
            var map = memory.Pass.Outputs[i];
            for (var y = 0; y < map.Height; y++)
            {
                var cell = map.Row(y);
                for (var x = 0; x < map.Width; x++, cell += map.Step)
                    cells[at++] = _network.TryDecode(cell, x, y, stride, out var found) ? found : default;
            }
        }
    }

    public void Dispose() => _network.Dispose();
}
