using System.Globalization;
using EdgeFace.Tests.Support;
using EdgeFace.Training.Detection;
using EdgeFace.Vision;

namespace EdgeFace.Training.Tests.Detection;

/// <summary>A few small pictures with annotated faces, of which the last is of the test part: our samples, reduced.</summary>
sealed class PictureFolder : IDisposable
{
    const int Side = 160;

    readonly TempFolder _folder = new();

    public PictureFolder()
    {
        using ModelFile detector = DetectorModuleTests.Open(DetectorLayers.Detector), refiner = DetectorModuleTests.Open(DetectorLayers.Refiner);
        using var finder = new FaceDetector(detector, refiner);
        Directory.CreateDirectory(_folder["faces"]);
        string[] samples = [.. Directory.GetFiles(RepositoryFiles.Full("samples"), "*.jpg").Order(StringComparer.Ordinal).Take(5)];
        var lines = new List<string>();
        for (var i = 0; i < samples.Length; i++)
        {
            var picture = Reduced(ImageCodec.Load(samples[i]));
            ImageCodec.SavePng(picture, Path.Combine(_folder["faces"], $"web-{i}.png"));
            var faces = finder.Detect(picture).Select(f => Points(f.Landmarks));
            var set = i == samples.Length - 1 ? "test" : "train";
            lines.Add($$"""{"file": "web-{{i}}.png", "points": [{{string.Join(", ", faces)}}], "set": "{{set}}"}""");
        }
        System.IO.File.WriteAllLines(List, lines);
    }

    public string Faces => _folder["faces"];

    public string List => Path.Combine(Faces, "faces.jsonl");

    public string File(string name) => _folder[name];

    public PictureStore Open(Action<string>? report = null) => PictureStore.Open([Faces], [], File("cache"), report ?? (_ => { }));

    static string Points(Landmarks l)
    {
        var mouth = new Point((l.LeftMouth.X + l.RightMouth.X) / 2, (l.LeftMouth.Y + l.RightMouth.Y) / 2);
        float[] points = [l.LeftEye.X, l.LeftEye.Y, l.RightEye.X, l.RightEye.Y, l.Nose.X, l.Nose.Y, mouth.X, mouth.Y];
        return $"[{string.Join(',', points.Select(p => p.ToString(CultureInfo.InvariantCulture)))}]";
    }

    static RgbImage Reduced(RgbImage from)
    {
        var factor = Math.Max(1, Math.Max(from.Width, from.Height) / Side);
        int width = from.Width / factor, height = from.Height / factor;
        var pixels = new byte[3 * width * height];
        for (var i = 0; i < pixels.Length; i++)
        {
            int x = i / 3 % width * factor, y = i / (3 * width) * factor, sum = 0;
            for (var k = 0; k < factor * factor; k++) sum += from.Pixels[3 * ((y + k / factor) * from.Width + x + k % factor) + i % 3];
            pixels[i] = (byte)(sum / (factor * factor));
        }
        return new(width, height, pixels);
    }

    public void Dispose() => _folder.Dispose();
}
