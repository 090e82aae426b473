using EdgeFace.Weights;

namespace EdgeFace.Tests.Support;

/// <summary>Reference tensors of the shared test data (goldens/README.md there says what made them).</summary>
sealed class Golden(string file) : IDisposable
{
    readonly TensorSet _tensors = SafeTensors.Read(TestData.Shared($"goldens/{file}"));

    public float[] this[string name] => Find(name).ToFloats();

    public int[] Shape(string name) => Find(name).Shape.ToArray();

    Tensor Find(string name) => _tensors.TryGet(name, out var tensor) ? tensor : throw new KeyNotFoundException(name);

    /// <summary>
    /// The first image of a reference map (N, C, H, W) against ours (H * W, step) from <paramref name="map"/> on:
    /// no value may be off by more than the tolerance times the largest magnitude.
    /// </summary>
    public unsafe void Near(string name, float* map, int channels, int step, double tolerance = 1e-4)
    {
        var expected = this[name];
        var shape = Shape(name);
        Assert.Equal(channels, shape[1]);
        var pixels = shape[2] * shape[3];
        double magnitude = expected.Max(Math.Abs), worst = 0;
        for (var c = 0; c < channels; c++)
            for (var p = 0; p < pixels; p++)
                worst = Math.Max(worst, Math.Abs(expected[c * pixels + p] - (double)map[p * step + c]));
        Assert.True(worst <= tolerance * magnitude, $"{name}: off by {worst / magnitude:g3} of the largest magnitude {magnitude:g3}");
    }

    /// <summary>Network input (N, 3, 112, 112) back to crops of RGB bytes.</summary>
    public byte[] Crops(string name)
    {
        var values = this[name];
        const int pixels = FaceEmbedder.CropSize * FaceEmbedder.CropSize;
        var crops = new byte[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var level = (values[i] + 1) * 127.5;
            Assert.Equal(Math.Round(level), level, 1e-3);
            int image = i / (3 * pixels), channel = i / pixels % 3, pixel = i % pixels;
            crops[(image * pixels + pixel) * 3 + channel] = (byte)Math.Round(level);
        }
        return crops;
    }

    public void Dispose() => _tensors.Dispose();
}
