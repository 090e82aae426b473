using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Security.Cryptography;

namespace EdgeFace.Gallery;

/// <summary>
/// From an embedding to the values a gallery stores and back: the coordinates in the space of the recogniser's head, turned by a random rotation
/// of the gallery's own. Both keep all cosines. The rotation spreads the values evenly, which makes bytes enough for the scan, and makes the
/// values of two galleries unlinkable for whoever does not know it.
/// </summary>
sealed class Projection
{
    // Of the square of an embedding's length, what may lie outside the space of the head: scores change by as much.
    const double MostLost = 1e-3;

    readonly float[] _matrix;   // (rank, dimension), orthonormal rows

    Projection(int dimension, float[] matrix) => (Dimension, _matrix) = (dimension, matrix);

    public int Dimension { get; }

    public int Rank => _matrix.Length / Dimension;

    /// <summary>For a new gallery: with a rotation nobody knows.</summary>
    public static Projection Create(EmbeddingSpace space)
    {
        int rank = space.Rank, dimension = space.Dimension;
        var rotation = RandomRotation(rank);
        var matrix = new float[rank * dimension];
        var row = new double[dimension];
        for (var r = 0; r < rank; r++)
        {
            Array.Clear(row);
            for (var s = 0; s < rank; s++)
                for (var i = 0; i < dimension; i++) row[i] += rotation[r][s] * space.Basis[s * dimension + i];
            for (var i = 0; i < dimension; i++) matrix[r * dimension + i] = (float)row[i];
        }
        return new(dimension, matrix);
    }

    /// <summary>The coordinates of an embedding: <see cref="Rank"/> values, of length 1.</summary>
    /// <exception cref="GalleryException">The embedding does not lie in the space of the head.</exception>
    public float[] Project(Embedding embedding)
    {
        var coordinates = new float[Rank];
        double kept = 0;
        for (var r = 0; r < coordinates.Length; r++)
        {
            coordinates[r] = TensorPrimitives.Dot(_matrix.AsSpan(r * Dimension, Dimension), embedding.Vector);
            kept += (double)coordinates[r] * coordinates[r];
        }
        if (kept < 1 - MostLost)
            throw new GalleryException(FormattableString.Invariant(
                $"the embedding does not lie where the head of '{embedding.Contract.Model}' can put one ({100 * kept:f1} % of it does): ")
                + "the gallery was created for another head, or the embedding was changed");
        var scale = (float)(1 / Math.Sqrt(kept));
        for (var r = 0; r < coordinates.Length; r++) coordinates[r] *= scale;
        return coordinates;
    }

    /// <summary>The embedding of coordinates.</summary>
    public Embedding Restore(ReadOnlySpan<float> coordinates, EmbeddingContract contract)
    {
        var vector = new float[Dimension];
        for (var r = 0; r < coordinates.Length; r++)
            for (var i = 0; i < Dimension; i++) vector[i] += coordinates[r] * _matrix[r * Dimension + i];
        return new(vector, contract);
    }

    /// <summary>The matrix as little-endian 32-bit floats, row after row.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[_matrix.Length * sizeof(float)];
        for (var i = 0; i < _matrix.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), _matrix[i]);
        return bytes;
    }

    /// <summary>What <see cref="ToBytes"/> gave.</summary>
    /// <exception cref="GalleryException">The bytes are no projection of embeddings of that dimension.</exception>
    public static Projection FromBytes(ReadOnlySpan<byte> bytes, int dimension)
    {
        if (dimension < 1 || bytes.Length == 0 || bytes.Length % (dimension * sizeof(float)) != 0
            || bytes.Length / sizeof(float) / dimension > dimension)
            throw Damaged($"has {bytes.Length} bytes, which is no matrix for embeddings of {dimension} values");
        var matrix = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < matrix.Length; i++) matrix[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        for (var r = 0; r < matrix.Length / dimension; r++)
        {
            var row = matrix.AsSpan(r * dimension, dimension);
            if (!(Math.Abs(TensorPrimitives.Dot(row, row) - 1) < 1e-4f)) throw Damaged("is no longer orthonormal");
        }
        return new(dimension, matrix);
    }

    static GalleryException Damaged(string how) => new($"the gallery's projection {how}: the gallery is damaged") { Kind = ErrorKind.Input };

    /// <summary>Uniform among all rotations: Gram-Schmidt on normally distributed rows.</summary>
    static double[][] RandomRotation(int rank)
    {
        var rows = new double[rank][];
        for (var r = 0; r < rank; r++)
        {
            rows[r] = NormalValues(rank);
            for (var pass = 0; pass < 2; pass++)
                for (var s = 0; s < r; s++)
                {
                    var share = TensorPrimitives.Dot<double>(rows[r], rows[s]);
                    for (var i = 0; i < rank; i++) rows[r][i] -= share * rows[s][i];
                }
            var length = Math.Sqrt(TensorPrimitives.Dot<double>(rows[r], rows[r]));
            for (var i = 0; i < rank; i++) rows[r][i] /= length;
        }
        return rows;
    }

    static double[] NormalValues(int count)
    {
        var bytes = RandomNumberGenerator.GetBytes(count * 16);
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            double u = Uniform(bytes.AsSpan(16 * i)), v = Uniform(bytes.AsSpan(16 * i + 8));
            values[i] = Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(2 * Math.PI * v);
        }
        return values;
    }

    // In (0, 1].
    static double Uniform(ReadOnlySpan<byte> bytes) => ((BinaryPrimitives.ReadUInt64LittleEndian(bytes) >> 11) + 1) * (1.0 / (1UL << 53));
}
