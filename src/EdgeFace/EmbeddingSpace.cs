using EdgeFace.Models;

namespace EdgeFace;

/// <summary>
/// The part of the 512-dimensional space that a recogniser's embeddings can reach at all. The head is the linear map x -> W x + b from few
/// features, so every embedding is a combination of W's columns and b (of LoRaLin's second matrix, where the head has one). In an
/// orthonormal basis of these an embedding is <see cref="Rank"/> values instead of 512, with the same cosines: 116 for XS (0.6), 153 for S
/// (0.5), 169 for XXS, 193 for XS and for XS (0.6) with a plain
/// head.
/// </summary>
public sealed class EmbeddingSpace
{
    // What is left of a column after those before it were taken out, relative to the longest column; the weights are 32-bit floats.
    const double Negligible = 1e-6;

    readonly float[] _basis;

    EmbeddingSpace(int dimension, float[] basis) => (Dimension, _basis) = (dimension, basis);

    /// <summary>Number of values of an embedding.</summary>
    public int Dimension { get; }

    /// <summary>Number of values that say the same.</summary>
    public int Rank => _basis.Length / Dimension;

    /// <summary>Rank x Dimension values: rows of length 1, at right angles to each other.</summary>
    public ReadOnlySpan<float> Basis => _basis;

    /// <summary>The space of a recogniser, from the weights of its head.</summary>
    /// <exception cref="ModelFormatException">The file does not hold an EdgeFace network, or one whose head gives every face the
    /// same direction.</exception>
    public static EmbeddingSpace Of(ModelFile model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var name = model.RequireNetwork() is { Gamma: not null, PlainHead: false } ? "head.fc.linear2" : "head.fc";
        float[] weight = model.Read(name + ".weight"), bias = model.Read(name + ".bias");
        int dimension = bias.Length, features = weight.Length / dimension;
        var columns = new double[features + 1][];
        for (var j = 0; j <= features; j++)
        {
            columns[j] = new double[dimension];
            for (var i = 0; i < dimension; i++) columns[j][i] = j < features ? weight[i * features + j] : bias[i];
        }
        var basis = Orthonormal(columns, dimension);
        return basis.Length > dimension ? new(dimension, basis)
            : throw new ModelFormatException(model.Source, name + ".weight", "a head whose embeddings differ",
                basis.Length == 0 ? "only zeros" : "a single direction");
    }

    /// <summary>The whole space, for embeddings of unknown origin.</summary>
    public static EmbeddingSpace Full(int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        var basis = new float[dimension * dimension];
        for (var i = 0; i < dimension; i++) basis[i * dimension + i] = 1;
        return new(dimension, basis);
    }

    /// <summary>Gram-Schmidt, always taking the longest column that is left, twice over for exactness; stops at the numerical rank.</summary>
    static float[] Orthonormal(double[][] columns, int dimension)
    {
        var rows = new List<double[]>();
        var left = columns.ToList();
        double longest = 0;
        while (left.Count > 0 && rows.Count < dimension)
        {
            var next = left.MaxBy(c => Dot(c, c))!;
            left.Remove(next);
            foreach (var row in rows) TakeOut(next, row);
            var length = Math.Sqrt(Dot(next, next));
            longest = Math.Max(longest, length);
            if (length <= Negligible * longest) break;
            for (var i = 0; i < dimension; i++) next[i] /= length;
            rows.Add(next);
            foreach (var column in left) TakeOut(column, next);
        }
        var basis = new float[rows.Count * dimension];
        for (var r = 0; r < rows.Count; r++)
            for (var i = 0; i < dimension; i++) basis[r * dimension + i] = (float)rows[r][i];
        return basis;
    }

    static void TakeOut(double[] from, double[] unit)
    {
        var share = Dot(from, unit);
        for (var i = 0; i < from.Length; i++) from[i] -= share * unit[i];
    }

    static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
