using System.Diagnostics;

namespace EdgeFace.Kernels;

sealed unsafe partial class SimdKernels<V>
{
    // MatMul adds no bias: its tiles start from these zeros (3 vectors of 16 lanes).
    static readonly NativeBuffer Zeros = new(48);

    const int MostDepth = 320;

    // A vector of 8 floats beside wider ones runs on 256-bit tiles.
    const int MaxNarrowRows = 12;

    static int MaxRows(int vectors) => vectors == 3 ? V.ManyRegisters ? 8 : 4 : vectors == 2 && !V.ManyRegisters ? 6 : 12;

    public override PackedMatrix Pack(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int n, int k)
        => new(Panels(Stride(n)), weight, bias, n, k);

    /// <summary>
    /// Cuts a padded width into panels of 2 vectors, one of 3 where the number is odd, and one of 8 floats where half a vector remains.
    /// </summary>
    static int[] Panels(int width)
    {
        var vectors = width / V.Lanes;
        var list = new List<int>();
        if (vectors % 2 == 1)
        {
            list.Add(vectors == 1 ? V.Lanes : 3 * V.Lanes);
            vectors -= list[0] / V.Lanes;
        }
        for (; vectors > 0; vectors -= 2) list.Add(2 * V.Lanes);
        if (width % V.Lanes != 0) list.Add(width % V.Lanes);
        return [.. list];
    }

    public override void Gemm(float* a, int lda, PackedMatrix weight, float* c, int ldc, int rows, Activation activation)
        => Gemm(a, lda, weight, c, ldc, rows, activation == Activation.Relu ? TileEnd.Relu : TileEnd.Store, activation == Activation.Gelu);

    public override void GemmAdd(float* a, int lda, PackedMatrix weight, float* c, int ldc, int rows)
        => Gemm(a, lda, weight, c, ldc, rows, TileEnd.Add, false);

    static void Gemm(float* a, int lda, PackedMatrix weight, float* c, int ldc, int rows, TileEnd end, bool gelu)
    {
        Debug.Assert(rows > 0 && a != null && c != null, $"{rows} rows of {(nint)a:x} to {(nint)c:x}");
        float* panel = weight.Weights, bias = weight.Bias;
        foreach (var width in weight.Panels)
        {
            // Depth is cut evenly so that a slice of the panel stays in the first-level cache for all tiles. Where it is cut
            // depends on the depth alone.
            var start = bias;
            var then = end;
            for (int done = 0, slices = end == TileEnd.Relu ? 1 : (weight.Inputs + MostDepth - 1) / MostDepth; slices > 0; slices--)
            {
                var slice = (weight.Inputs - done + slices - 1) / slices;
                Panel(a + done, lda, 1, panel, width, start, c, ldc, rows, slice, width, then);
                panel += (long)width * slice;
                done += slice;
                start = Zeros.Pointer;
                then = TileEnd.Add;
            }
            if (gelu) EdgeFace.Kernels.Gelu.Apply<V>(c, ldc, rows, width);
            bias += width;
            c += width;
        }
    }

    public override void MatMul(float* a, int rowStep, int innerStep, float* b, int ldb, float* c, int ldc, int rows, int inner, int cols)
    {
        Debug.Assert(a != null && b != null && c != null && rows > 0, $"{rows} x {inner} x {cols}");
        for (var done = 0; done < cols;)
        {
            var vectors = (cols - done) / V.Lanes;
            var width = vectors == 0 ? cols - done : V.Lanes * (vectors is 1 or 3 ? vectors : 2);
            Panel(a, rowStep, innerStep, b + done, ldb, Zeros.Pointer, c + done, ldc, rows, inner, width, TileEnd.Store);
            done += width;
        }
    }

    /// <summary>All rows of one panel, cut into tiles whose heights differ by at most one.</summary>
    static void Panel(float* a, int rowStep, int innerStep, float* b, int ldb, float* bias, float* c, int ldc,
        int rows, int inner, int width, TileEnd end)
    {
        var vectors = width / V.Lanes;
        var max = vectors == 0 ? MaxNarrowRows : MaxRows(vectors);
        int tiles = (rows + max - 1) / max, height = rows / tiles, higher = rows - tiles * height;
        Run(vectors, height, a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles - higher, end);
        if (higher > 0)
        {
            var done = (long)(tiles - higher) * height;
            Run(vectors, height + 1, a + done * rowStep, rowStep, innerStep, b, ldb, bias, c + done * ldc, ldc, inner, higher, end);
        }
    }

    static void Run(int vectors, int height, float* a, int rowStep, int innerStep, float* b, int ldb, float* bias, float* c, int ldc,
        int inner, int tiles, TileEnd end)
    {
        switch (vectors)
        {
            case 0: Run1<V256>(height, a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 1: Run1<V>(height, a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 2: Run2(height, a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            default: Run3(height, a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
        }
    }

    static void Run1<T>(int height, float* a, int rowStep, int innerStep, float* b, int ldb, float* bias, float* c, int ldc,
        int inner, int tiles, TileEnd end)
        where T : unmanaged, ISimd<T>
    {
        switch (height)
        {
            case 1: Tile.Run1<T, R1>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 2: Tile.Run1<T, R2>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 3: Tile.Run1<T, R3>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 4: Tile.Run1<T, R4>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 5: Tile.Run1<T, R5>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 6: Tile.Run1<T, R6>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 7: Tile.Run1<T, R7>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 8: Tile.Run1<T, R8>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 9: Tile.Run1<T, R9>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 10: Tile.Run1<T, R10>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 11: Tile.Run1<T, R11>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            default: Tile.Run1<T, R12>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
        }
    }

    static void Run2(int height, float* a, int rowStep, int innerStep, float* b, int ldb, float* bias, float* c, int ldc,
        int inner, int tiles, TileEnd end)
    {
        switch (height)
        {
            case 1: Tile.Run2<V, R1>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 2: Tile.Run2<V, R2>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 3: Tile.Run2<V, R3>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 4: Tile.Run2<V, R4>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 5: Tile.Run2<V, R5>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 6: Tile.Run2<V, R6>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 7: Tile.Run2<V, R7>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 8: Tile.Run2<V, R8>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 9: Tile.Run2<V, R9>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 10: Tile.Run2<V, R10>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 11: Tile.Run2<V, R11>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            default: Tile.Run2<V, R12>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
        }
    }

    static void Run3(int height, float* a, int rowStep, int innerStep, float* b, int ldb, float* bias, float* c, int ldc,
        int inner, int tiles, TileEnd end)
    {
        switch (height)
        {
            case 1: Tile.Run3<V, R1>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 2: Tile.Run3<V, R2>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 3: Tile.Run3<V, R3>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 4: Tile.Run3<V, R4>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 5: Tile.Run3<V, R5>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 6: Tile.Run3<V, R6>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            case 7: Tile.Run3<V, R7>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
            default: Tile.Run3<V, R8>(a, rowStep, innerStep, b, ldb, bias, c, ldc, inner, tiles, end); break;
        }
    }
}
