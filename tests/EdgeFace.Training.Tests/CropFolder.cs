using EdgeFace.Tests.Support;
using EdgeFace.Training.Data;
using EdgeFace.Vision;

namespace EdgeFace.Training.Tests;

/// <summary>A folder with a folder for each person, two made-up crops each: smooth colours, so that they are pictures to a network.</summary>
sealed class CropFolder : IDisposable
{
    readonly TempFolder _folder = new();

    public CropFolder(int people, int first = 0)
    {
        for (var p = first; p < first + people; p++)
        {
            Directory.CreateDirectory(Path.Combine(Data, $"person-{p}"));
            for (var i = 0; i < 2; i++) ImageCodec.SavePng(new RgbImage(112, 112, Crop(10 * p + i)), Path.Combine(Data, $"person-{p}", $"{i}.png"));
        }
    }

    public string Data => _folder["data"];

    public string File(string name) => _folder[name];

    public CropStore Open(Action<string>? report = null) => CropStore.Open([Data], File("cache"), report ?? (_ => { }));

    /// <summary>A picture that is no crop.</summary>
    public void AddOther() => ImageCodec.SavePng(new RgbImage(2, 1, [1, 2, 3, 4, 5, 6]), Path.Combine(Data, "person-0", "other.png"));

    static byte[] Crop(int seed)
    {
        var random = new Random(seed);
        double[] waves = [.. Enumerable.Range(0, 9).Select(_ => 0.02 + 0.2 * random.NextDouble())];
        var crop = new byte[FaceEmbedder.CropBytes];
        for (var i = 0; i < crop.Length; i++)
        {
            int c = i % 3, x = i / 3 % 112, y = i / 336;
            crop[i] = (byte)(128 + 100 * Math.Sin(waves[c] * x + waves[3 + c] * y + 20 * waves[6 + c]));
        }
        return crop;
    }

    public void Dispose() => _folder.Dispose();
}
