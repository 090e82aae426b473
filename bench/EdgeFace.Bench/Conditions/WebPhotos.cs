using System.Text.Json;
using EdgeFace.Vision;

namespace EdgeFace.Bench;

/// <summary>
/// The photographs from the web with one annotated face; each counts as another person, but for those that were seen to be of one.
/// </summary>
static class WebPhotos
{
    // Looked at: of the pairs that are most alike. Where that left a doubt they count as two people.
    static readonly Dictionary<string, string> Known = new int[][]
    {
        [43, 270], [144, 1695, 1706], [173, 937, 1258], [207, 390, 682, 1093, 1948], [239, 269], [295, 412, 1689], [338, 1718, 1735],
        [403, 1961], [416, 894], [427, 474, 1149, 1279], [497, 1561], [666, 768, 789, 857, 972, 1022, 1064, 1263, 1361], [762, 1997],
        [835, 1571], [992, 1362], [1011, 1668], [1128, 1652], [1156, 1222], [1314, 1592], [1373, 1519], [1617, 1647], [1757, 1926],
    }.SelectMany(of => of.Select(number => (File: $"web-{number:d4}.webp", Person: $"web-{of[0]:d4}.webp")))
        .ToDictionary(x => x.File, x => x.Person);

    /// <summary>The first file of the person whom a file shows.</summary>
    public static string PersonOf(string file) => Known.GetValueOrDefault(file, file);

    /// <summary>Their files, in order.</summary>
    public static IEnumerable<string> Files()
    {
        foreach (var line in File.ReadLines(BenchData.Shared("faces/faces.jsonl")))
        {
            using var document = JsonDocument.Parse(line);
            var file = document.RootElement.GetProperty("file").GetString()!;
            if (file.StartsWith("web-", StringComparison.Ordinal) && document.RootElement.GetProperty("points").GetArrayLength() == 1)
                yield return file;
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
