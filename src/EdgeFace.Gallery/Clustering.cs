using System.Numerics.Tensors;

namespace EdgeFace.Gallery;

/// <summary>
/// Groups embeddings of unknown people by average linkage: two groups become one while the mean score of all pairs across them reaches the
/// threshold, the most alike first. A single face that resembles two people does not join them, as it would where one good pair is enough; and
/// one bad photo of a person does not split them, as it would where every pair has to be good.
/// </summary>
public static class Clustering
{
    /// <summary>
    /// Groups embeddings. The groups do not depend on the order of the embeddings, to the last bit. Time grows with the square of their number,
    /// for n of them at most about 1.5 n^2 scores are computed, on all cores; memory with their number.
    /// </summary>
    /// <param name="embeddings">Embeddings of one contract.</param>
    /// <param name="threshold">The lowest mean cosine at which two groups are one person's, in [-1, 1].</param>
    /// <returns>The groups as indices of <paramref name="embeddings"/> in rising order; larger groups first, of equal ones that with the lower
    /// first index. Every embedding is in one.</returns>
    /// <exception cref="ContractMismatchException">The embeddings were made differently.</exception>
    public static IReadOnlyList<IReadOnlyList<int>> Group(IReadOnlyList<Embedding> embeddings, double threshold)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        if (!(threshold is >= -1 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "a threshold is a cosine between -1 and 1");
        foreach (var embedding in embeddings) embeddings[0].Contract.Require(embedding.Contract);
        // An order of their own, so that sums are rounded alike however the caller orders them.
        int[] order = [.. Enumerable.Range(0, embeddings.Count)];
        Array.Sort(order, (a, b) => embeddings[a].Vector.SequenceCompareTo(embeddings[b].Vector) is var c && c != 0 ? c : a.CompareTo(b));
        var open = order.Select(i => new Cluster(embeddings[i].Vector.ToArray(), [i])).ToList();
        var done = new List<Cluster>();

        // Chains of nearest neighbours: two that are nearest to each other can be joined at once, because joining others brings nobody nearer to
        // them than the nearer of the joined was.
        var chain = new List<Cluster>();
        while (open.Count > 0)
        {
            if (chain.Count == 0) chain.Add(open[0]);
            var last = chain[^1];
            var before = chain.Count > 1 ? chain[^2] : null;
            var (nearest, score) = Nearest(last, open, before);
            if (nearest is null || score < threshold)
            {
                // Nobody will ever be nearer.
                done.Add(last);
                open.Remove(last);
                chain.Remove(last);
            }
            else if (ReferenceEquals(nearest, before))
            {
                // Rounding may have put one of them into the chain twice.
                chain.RemoveAll(c => ReferenceEquals(c, last) || ReferenceEquals(c, nearest));
                open[open.IndexOf(last)] = Cluster.Join(last, nearest);
                open.Remove(nearest);
            }
            else
            {
                chain.Add(nearest);
            }
        }
        return [.. done.Select(c => (int[])[.. c.Members.Order()]).OrderByDescending(m => m.Length).ThenBy(m => m[0])];
    }

    /// <summary>The open cluster most alike; of equals the one before it in the chain, so that the chain ends, then the first.</summary>
    static (Cluster? Nearest, double Score) Nearest(Cluster of, List<Cluster> open, Cluster? before)
    {
        var scores = new double[open.Count];
        const int block = 256;
        Parallel.For(0, (open.Count + block - 1) / block, b =>
        {
            for (var i = b * block; i < Math.Min(open.Count, (b + 1) * block); i++)
                scores[i] = ReferenceEquals(open[i], of) ? double.NegativeInfinity : of.MeanScore(open[i]);
        });
        Cluster? nearest = null;
        var best = double.NegativeInfinity;
        for (var i = 0; i < scores.Length; i++)
            if (scores[i] > best || (scores[i] == best && ReferenceEquals(open[i], before))) (nearest, best) = (open[i], scores[i]);
        return (nearest, best);
    }

    /// <summary>The mean score across two clusters is the product of their sums over that of their sizes.</summary>
    sealed class Cluster(float[] sum, int[] members)
    {
        public int[] Members { get; } = members;

        public double MeanScore(Cluster other) => TensorPrimitives.Dot(sum, other.Sum) / ((double)Members.Length * other.Members.Length);

        float[] Sum => sum;

        public static Cluster Join(Cluster a, Cluster b)
        {
            var sum = new float[a.Sum.Length];
            TensorPrimitives.Add(a.Sum, b.Sum, sum);
            return new(sum, [.. a.Members, .. b.Members]);
        }
    }
}
