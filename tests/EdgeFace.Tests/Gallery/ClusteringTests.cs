using EdgeFace.Gallery;

namespace EdgeFace.Tests.Gallery;

public sealed class ClusteringTests
{
    const int Dimension = 16;

    static readonly EmbeddingContract Contract = new("test", new string('0', 64), Dimension, "p", "a");

    static Embedding Of(params ReadOnlySpan<(int Axis, double Value)> values)
    {
        var vector = new float[Dimension];
        foreach (var (axis, value) in values) vector[axis] = (float)value;
        return new(vector, Contract);
    }

    /// <summary>Faces of people: one direction each, with noise.</summary>
    static Embedding[] People(int people, int faces, double noise, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, people).SelectMany(p => Enumerable.Range(0, faces).Select(_ =>
        {
            var vector = new float[Dimension];
            for (var i = 0; i < Dimension; i++) vector[i] = (float)((i == p ? 1 : 0) + noise * (random.NextDouble() - 0.5));
            return new Embedding(vector, Contract);
        }))];
    }

    [Fact]
    public void Each_person_is_a_group()
    {
        var groups = Clustering.Group(People(10, 7, 0.3, 1), 0.5);
        Assert.Equal(10, groups.Count);
        Assert.All(groups, g => Assert.Single(g.Select(i => i / 7).Distinct()));
        Assert.Equal(Enumerable.Range(0, 70), groups.SelectMany(g => g).Order());
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.9)]
    [InlineData(1.6)]
    public void The_order_of_the_faces_changes_nothing(double noise)
    {
        var faces = People(8, 9, noise, 2);
        var expected = Sets(Clustering.Group(faces, 0.4), i => i);
        var random = new Random(3);
        for (var run = 0; run < 20; run++)
        {
            int[] order = [.. Enumerable.Range(0, faces.Length)];
            random.Shuffle(order);
            Assert.Equal(expected, Sets(Clustering.Group([.. order.Select(i => faces[i])], 0.4), i => order[i]));
        }

        static string[] Sets(IReadOnlyList<IReadOnlyList<int>> groups, Func<int, int> original)
            => [.. groups.Select(g => string.Join(',', g.Select(original).Order())).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void One_face_between_two_people_does_not_join_them()
    {
        // It scores 0.7 with everybody, above the threshold, and the two people nothing with each other.
        Embedding[] faces =
        [
            Of((0, 1)), Of((0, 1), (2, 0.1)), Of((0, 1), (3, 0.1)),
            Of((1, 1)), Of((1, 1), (4, 0.1)), Of((1, 1), (5, 0.1)),
            Of((0, 1), (1, 1.01)),
        ];
        Assert.Equal([[3, 4, 5, 6], [0, 1, 2]], Clustering.Group(faces, 0.5));
    }

    [Fact]
    public void One_poor_photo_does_not_split_a_person()
    {
        // The last scores 0.3 with the first, but enough with the person on the whole.
        Embedding[] faces = [Of((0, 1)), Of((0, 1), (1, 1)), Of((0, 1), (1, 1), (2, 0.1)), Of((0, 0.32), (1, 0.95))];
        Assert.True(faces[0].Score(faces[3]) < 0.4);
        Assert.Equal([[0, 1, 2, 3]], Clustering.Group(faces, 0.5));
    }

    [Fact]
    public void Equal_faces_are_one_group_and_strangers_are_one_each()
    {
        Assert.Equal([Enumerable.Range(0, 50)], Clustering.Group([.. Enumerable.Repeat(Of((0, 1), (3, 0.4)), 50)], 0.99));
        Assert.Equal(Dimension, Clustering.Group([.. Enumerable.Range(0, Dimension).Select(i => Of((i, 1)))], 0.01).Count);
        Assert.Empty(Clustering.Group([], 0.5));
        Assert.Equal([[0]], Clustering.Group([Of((0, 1))], 1));
    }

    [Fact]
    public void It_is_average_linkage_as_the_plain_algorithm_gives_it()
    {
        for (var seed = 10; seed < 30; seed++)
        {
            var faces = People(6, 6, 1.2, seed);
            Assert.Equal(Plain(faces, 0.35), Clustering.Group(faces, 0.35).Select(g => string.Join(',', g)).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Embeddings_of_two_contracts_and_thresholds_that_are_no_cosine_are_refused()
    {
        var other = new Embedding(new float[] { 1, 0 }, Contract with { Dimension = 2 });
        Assert.Throws<ContractMismatchException>(() => Clustering.Group([Of((0, 1)), other], 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Clustering.Group([], 1.5));
    }

    /// <summary>Always joins the two groups with the highest mean score, while that reaches the threshold.</summary>
    static string[] Plain(Embedding[] faces, double threshold)
    {
        var groups = Enumerable.Range(0, faces.Length).Select(i => new List<int> { i }).ToList();
        while (groups.Count > 1)
        {
            var (score, a, b) = (
                from i in Enumerable.Range(0, groups.Count)
                from j in Enumerable.Range(i + 1, groups.Count - i - 1)
                select (Mean(groups[i], groups[j]), i, j)).MaxBy(x => x.Item1);
            if (score < threshold) break;
            groups[a].AddRange(groups[b]);
            groups.RemoveAt(b);
        }
        return [.. groups.Select(g => string.Join(',', g.Order())).Order(StringComparer.Ordinal)];

        double Mean(List<int> a, List<int> b) => a.Average(i => b.Average(j => (double)faces[i].Score(faces[j])));
    }
}
