using EdgeFace.Kernels;

namespace EdgeFace.Models;

/// <summary>
/// The forward pass in the paper's order. Maps are NHWC; the residual stream of a stage stays in one buffer that every block adds to.
/// </summary>
static unsafe class EdgeFaceForward
{
    const float NormEpsilon = 1e-6f;
    const float AttentionEpsilon = 1e-12f;

    /// <summary>Called with a stage's name and map when a reference is compared; null otherwise.</summary>
    public delegate void Probe(string name, float* map, int pixels, int channels);

    /// <param name="crops">count crops of 112 x 112 RGB bytes.</param>
    /// <param name="embeddings">count x 512 raw values.</param>
    public static void Run(EdgeFaceWeights weights, Scratch scratch, byte* crops, int count, float* embeddings, Probe? probe = null)
    {
        for (; count > 0; count -= scratch.Images)
        {
            var images = Math.Min(count, scratch.Images);
            RunGroup(weights, scratch, crops, images, embeddings, probe);
            crops += (long)images * 3 * EdgeFaceConfig.CropSize * EdgeFaceConfig.CropSize;
            embeddings += (long)images * EdgeFaceConfig.EmbeddingSize;
        }
    }

    /// <summary>The large maps of stages 0 and 1 are computed image by image; the small ones of stages 2 and 3 for all images at once.</summary>
    static void RunGroup(EdgeFaceWeights weights, Scratch scratch, byte* crops, int images, float* embeddings, Probe? probe)
    {
        var patches = PatchFloats(weights.Config, 2);
        for (var i = 0; i < images; i++)
        {
            Stem(weights, scratch, crops + (long)i * 3 * EdgeFaceConfig.CropSize * EdgeFaceConfig.CropSize);
            probe?.Invoke("stem", scratch.Stream(0), Pixels(0), weights.Config.Dims[0]);
            Stage(weights, scratch, 0, 1, probe);
            NormToPatches(weights, scratch, 1, scratch.Stream(0), scratch.Patches(1));
            Stage(weights, scratch, 1, 1, probe);
            NormToPatches(weights, scratch, 2, scratch.Stream(1), scratch.Patches(2) + i * patches);
        }
        Stage(weights, scratch, 2, images, probe);
        for (var i = 0; i < images; i++)
            NormToPatches(weights, scratch, 3, scratch.Stream(2) + (long)i * Pixels(2) * Stride(weights, 2),
                scratch.Patches(3) + i * PatchFloats(weights.Config, 3));
        Stage(weights, scratch, 3, images, probe);
        Head(weights, scratch, images, embeddings);
    }

    static void Stem(EdgeFaceWeights weights, Scratch scratch, byte* crop)
    {
        const int line = 3 * EdgeFaceConfig.CropSize, cell = 3 * 4, side = EdgeFaceConfig.CropSize / 4;
        var row = stackalloc float[line];
        for (var y = 0; y < EdgeFaceConfig.CropSize; y++)
        {
            // (byte / 255 - 0.5) / 0.5
            weights.Kernels.FromBytes(crop + y * line, row, line, 1 / 127.5f, -1);
            var target = scratch.Patches(0) + y / 4 * side * 4 * cell + y % 4 * cell;
            for (var x = 0; x < side; x++) new ReadOnlySpan<float>(row + x * cell, cell).CopyTo(new Span<float>(target + x * 4 * cell, cell));
        }
        int c = weights.Config.Dims[0], stride = Stride(weights, 0);
        var map = scratch.Stream(0);
        weights.Kernels.Gemm(scratch.Patches(0), 4 * cell, weights.Stem, map, stride, Pixels(0), Activation.None);
        weights.Kernels.LayerNorm(map, stride, map, stride, Pixels(0), c, NormEpsilon, weights.StemNorm.Scale, weights.StemNorm.Shift);
    }

    /// <summary>The LayerNorm before downsampling, written as the rows of the 2x2 convolution: (H/2 * W/2, 2 * 2 * padded C).</summary>
    static void NormToPatches(EdgeFaceWeights weights, Scratch scratch, int stage, float* map, float* patches)
    {
        int c = weights.Config.Dims[stage - 1], stride = Stride(weights, stage - 1),
            from = EdgeFaceConfig.MapSize(stage - 1), to = EdgeFaceConfig.MapSize(stage);
        for (var y = 0; y < 2 * to; y++)
            for (var kx = 0; kx < 2; kx++)
                weights.Kernels.LayerNorm(map + (y * from + kx) * stride, 2 * stride,
                    patches + (y / 2 * to * 4 + y % 2 * 2 + kx) * stride, 4 * stride, to, c, NormEpsilon, null, null);
    }

    static void Stage(EdgeFaceWeights weights, Scratch scratch, int stage, int images, Probe? probe)
    {
        var parts = weights.Stages[stage];
        var x = scratch.Stream(stage);
        if (parts.Downsample is { } downsample)
            weights.Kernels.Gemm(scratch.Patches(stage), downsample.Inputs, downsample,
                x, Stride(weights, stage), images * Pixels(stage), Activation.None);
        foreach (var block in parts.Blocks) ConvBlock(weights, scratch, stage, images, block, x);
        if (parts.Attention is { } attention) AttentionBlock(weights, scratch, stage, images, attention, x);
        probe?.Invoke($"stage{stage}", x, images * Pixels(stage), weights.Config.Dims[stage]);
    }

    static void ConvBlock(EdgeFaceWeights weights, Scratch scratch, int stage, int images, ConvBlockWeights block, float* x)
    {
        int side = EdgeFaceConfig.MapSize(stage), stride = Stride(weights, stage);
        var map = (long)Pixels(stage) * stride;
        for (var i = 0; i < images; i++) weights.Kernels.DepthwiseConv(x + i * map, side, side, block.ConvDw, scratch.Normed + i * map, relu: false);
        Mlp(weights, scratch, stage, images * Pixels(stage), block.Mlp, scratch.Normed, x);
    }

    /// <summary>x += fc2(gelu(fc1(norm(y)))), some rows at a time so that the hidden layer stays in the cache. y is overwritten.</summary>
    static void Mlp(EdgeFaceWeights weights, Scratch scratch, int stage, int rows, MlpWeights mlp, float* y, float* x)
    {
        int c = weights.Config.Dims[stage], stride = Stride(weights, stage), hidden = KernelSet.Stride(4 * c), most = scratch.BlockRows(stage);
        for (var blocks = (rows + most - 1) / most; blocks > 0; blocks--)
        {
            var part = rows / blocks;
            weights.Kernels.LayerNorm(y, stride, y, stride, part, c, NormEpsilon, null, null);
            mlp.Fc1.Run(weights.Kernels, y, stride, scratch.Hidden, hidden, part, scratch, Activation.Gelu);
            mlp.Fc2.RunAdd(weights.Kernels, scratch.Hidden, hidden, x, stride, part, scratch);
            rows -= part;
            y += (long)part * stride;
            x += (long)part * stride;
        }
    }

    static void AttentionBlock(EdgeFaceWeights weights, Scratch scratch, int stage, int images, AttentionBlockWeights block, float* x)
    {
        int c = weights.Config.Dims[stage], stride = Stride(weights, stage), pixels = Pixels(stage);
        var map = (long)pixels * stride;
        var y = scratch.Split;
        for (var i = 0; i < images; i++)
        {
            SplitConvs(weights, scratch, stage, block, x + i * map, y + i * map);
            if (block.Position is { } position) weights.Kernels.Add(position.Pointer, y + i * map, map);
        }
        weights.Kernels.LayerNorm(y, stride, scratch.Normed, stride, images * pixels, c, NormEpsilon, null, null);
        CrossCovarianceAttention(weights, scratch, stage, images, block, scratch.Normed, y);
        // The MLP's result is added to the block's input, not to y.
        Mlp(weights, scratch, stage, images * pixels, block.Mlp, y, x);
    }

    /// <summary>
    /// Group 0 through its convolution; each next group plus the result before it through its own; the last group unchanged; concatenated.
    /// </summary>
    static void SplitConvs(EdgeFaceWeights weights, Scratch scratch, int stage, AttentionBlockWeights block, float* x, float* y)
    {
        int side = EdgeFaceConfig.MapSize(stage), pixels = Pixels(stage), c = weights.Config.Dims[stage], stride = Stride(weights, stage);
        int width = weights.Config.SplitWidth(stage), groupStride = KernelSet.Stride(width);
        float* input = scratch.GroupInput, output = scratch.GroupOutput;
        new Span<float>(input, pixels * groupStride).Clear();
        for (var g = 0; g < block.Convs.Length; g++)
        {
            for (var p = 0; p < pixels; p++)
                for (var j = 0; j < width; j++)
                    input[p * groupStride + j] = x[p * stride + g * width + j] + (g > 0 ? output[p * groupStride + j] : 0);
            weights.Kernels.DepthwiseConv(input, side, side, block.Convs[g], output, relu: false);
            for (var p = 0; p < pixels; p++)
                new ReadOnlySpan<float>(output + p * groupStride, width).CopyTo(new Span<float>(y + p * stride + g * width, width));
        }
        var last = block.Convs.Length * width;
        for (var p = 0; p < pixels; p++)
            new ReadOnlySpan<float>(x + p * stride + last, stride - last).CopyTo(new Span<float>(y + p * stride + last, stride - last));
    }

    /// <summary>
    /// y += proj(attention(qkv(normed))). The attention map is channels x channels: for each head, softmax of temperature * q k^T with q and k
    /// normalised along the tokens. It is computed transposed, S[j][i] = k_j . q_i, so that softmax and the product with v need no transpose.
    /// </summary>
    static void CrossCovarianceAttention(EdgeFaceWeights weights, Scratch scratch, int stage, int images,
        AttentionBlockWeights block, float* normed, float* y)
    {
        var kernels = weights.Kernels;
        int tokens = Pixels(stage), heads = weights.Config.Heads, d = block.HeadWidth, ds = block.HeadStride, part = heads * ds, ld = 3 * part;
        float* qkv = scratch.Qkv, merged = scratch.Merged, inverse = scratch.InverseNorms, map = scratch.AttentionMap;
        block.Qkv.Run(kernels, normed, Stride(weights, stage), qkv, ld, images * tokens, scratch);
        for (var i = 0; i < images; i++, qkv += (long)tokens * ld, merged += (long)tokens * part)
        {
            kernels.ColumnInverseNorm(qkv, ld, tokens, 2 * part, AttentionEpsilon, inverse);
            for (var h = 0; h < heads; h++)
            {
                float* q = qkv + h * ds, k = q + part, v = k + part;
                kernels.MatMul(k, 1, ld, q, ld, map, ds, d, tokens, ds);
                kernels.ColumnSoftmax(map, ds, d, ds, inverse + part + h * ds, inverse + h * ds, block.Temperature[h]);
                kernels.MatMul(v, ld, 1, map, ds, merged + h * ds, part, tokens, d, ds);
            }
        }
        block.Proj.RunAdd(kernels, scratch.Merged, part, y, Stride(weights, stage), images * tokens, scratch);
    }

    static void Head(EdgeFaceWeights weights, Scratch scratch, int images, float* embeddings)
    {
        int c = weights.Config.Dims[3], stride = Stride(weights, 3), pixels = Pixels(3);
        var pooled = scratch.Normed;
        for (var i = 0; i < images; i++)
            weights.Kernels.ColumnMean(scratch.Stream(3) + (long)i * pixels * stride, stride, pixels, stride, pooled + i * stride);
        weights.Kernels.LayerNorm(pooled, stride, pooled, stride, images, c, NormEpsilon, null, null);
        weights.Head.Run(weights.Kernels, pooled, stride, embeddings, EdgeFaceConfig.EmbeddingSize, images, scratch);
    }

    static int Pixels(int stage) => EdgeFaceConfig.MapSize(stage) * EdgeFaceConfig.MapSize(stage);

    static int Stride(EdgeFaceWeights weights, int stage) => KernelSet.Stride(weights.Config.Dims[stage]);

    static long PatchFloats(EdgeFaceConfig config, int stage) => (long)Pixels(stage) * 4 * KernelSet.Stride(config.Dims[stage - 1]);
}
