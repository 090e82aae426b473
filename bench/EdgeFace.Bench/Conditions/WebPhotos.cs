using System.Text.Json;
using EdgeFace.Vision;

namespace EdgeFace.Bench;

/// <summary>The photographs from the web with one annotated face; each counts as another person.</summary>
static class WebPhotos
{
    /// <summary>Their files, in order.</summary>
    public static IEnumerable<string> Files()
    {
        foreach (var line in File.ReadLines(BenchData.Shared("faces/faces.jsonl")))
        {
            using var document = JsonDocument.Parse(line);
            var file = document.RootElement.GetProperty("file").GetString()!;
            if (file.StartsWith("web-", StringComparison.Ordinal) && document.RootElement.GetProperty("points").GetArrayLength() == 1) yield return file;
        }
    }

    /// <summary>Whether a file is of the half that the gate is fitted on: those of even numbers.</summary>
    public static bool IsFittedOn(string file) => int.Parse(Path.GetFileNameWithoutExtension(file).AsSpan("web-".Length)) % 2 == 0;

    public static RgbImage Load(string file) => ImageCodec.Load(BenchData.Shared("faces/" + file));

    /// <summary>The face of a photo as it is; null where not exactly one is found.</summary>
    public static AnalyzedFace? FaceOf(FaceAnalyzer analyzer, RgbImage photo) => analyzer.Analyze(photo) is [var only] ? only : null;

    /// <summary>The face of a changed photo: the one that was there before, or else the largest that is found; null where none is.</summary>
    public static AnalyzedFace? FaceOf(FaceAnalyzer analyzer, ChangedPhoto changed, Face before)
    {
        var found = analyzer.Analyze(changed.Image);
        return found.FirstOrDefault(f => changed.Shows(before, f.Face)) ?? found.MaxBy(f => f.Face.Box.Area);
    }
}
