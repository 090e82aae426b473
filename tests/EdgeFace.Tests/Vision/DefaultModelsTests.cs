using System.Globalization;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Vision;

/// <summary>What the default models give for the samples, as the scalar kernels gave it when models/release.sh made them.</summary>
public sealed class DefaultModelsTests
{
    [Fact]
    public void The_samples_have_the_expected_faces_and_scores()
    {
        using var detector = DetectorTests.Open();
        using var model = DefaultModels.OpenRecogniser();
        using var embedder = new FaceEmbedder(model);
        var analyzer = new FaceAnalyzer(detector, embedder);
        var expected = RepositoryFiles.Read("tests/EdgeFace.Tests/Fixtures/default-models.csv")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split(',')).GroupBy(f => f[0]).ToArray();
        Assert.Equal(25, expected.Length);
        var found = expected.ToDictionary(photo => photo.Key, photo => analyzer.Analyze(ImageCodec.Load(TestData.Sample(photo.Key))));
        foreach (var photo in expected)
        {
            var faces = found[photo.Key];
            Assert.Equal(photo.Count(), faces.Count);
            foreach (var row in photo)
            {
                float[] values = [.. row[1..16].Select(v => float.Parse(v, CultureInfo.InvariantCulture))];
                var face = faces.MinBy(f => Math.Abs(f.Face.Box.Left - values[1]))!;
                var (box, l) = (face.Face.Box, face.Face.Landmarks);
                float[] actual =
                [
                    box.Left, box.Top, box.Right, box.Bottom,
                    l.LeftEye.X, l.LeftEye.Y, l.RightEye.X, l.RightEye.Y, l.Nose.X, l.Nose.Y,
                    l.LeftMouth.X, l.LeftMouth.Y, l.RightMouth.X, l.RightMouth.Y,
                ];
                Assert.Equal(values[0], face.Face.Score, 1e-3f);
                for (var i = 0; i < actual.Length; i++) Assert.Equal(values[1 + i], actual[i], 0.1f);
                if (row[16].Length == 0) continue;
                var other = found.Single(f => f.Key != photo.Key && f.Key.StartsWith(photo.Key.Split('-')[0] + "-", StringComparison.Ordinal)).Value;
                Assert.Equal(float.Parse(row[16], CultureInfo.InvariantCulture), Assert.Single(other).Embedding.Score(face.Embedding), 2e-3f);
            }
        }
    }
}
