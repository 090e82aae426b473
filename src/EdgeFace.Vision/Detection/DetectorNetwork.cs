using EdgeFace.Kernels;
using EdgeFace.Vision.Detection.Maps;

namespace EdgeFace.Vision.Detection;

/// <summary>Stage 1 of the default detector: single-shot and anchor-free (docs/detector.md). Its faces are to be refined.</summary>
sealed unsafe class DetectorNetwork : IDetectorNetwork
{
    // Score, four distances, five landmarks.
    const int CellChannels = 15;

    // Of candidates for the refiner, where the card recommends none.
    const double DefaultCandidateScore = 0.4;

    // Of what may be a face of half the width that is found: measured (docs/detector.md).
    const float TraceSlope = 0.2f, LeastTrace = -2;

    // A little below the logit of the least score, so that few cells need the exponential.
    readonly float _leastLogit;
    readonly KernelSet _kernels;
    readonly LayerSet _layers;
    readonly DenseLayer _stem, _lat8, _lat16, _lat32, _out8, _out16, _out32;
    readonly SeparableLayer[] _s4, _s8, _s16, _s32;
    readonly SeparableLayer _fpn8, _fpn16, _fpn32, _head8, _head16, _head32;

    /// <exception cref="ModelFormatException">A tensor is missing, of another shape or not finite.</exception>
    public DetectorNetwork(ModelFile model, KernelSet kernels)
    {
        var layers = new LayerSet(kernels, model);
        (_kernels, _layers) = (kernels, layers);
        var least = model.Card.CandidateScore ?? DefaultCandidateScore;
        (LeastScore, _leastLogit) = ((float)least, (float)(Math.Log(least / (1 - least)) - 0.01));
        _stem = layers.Dense("stem", 3, 16, 3);
        _s4 = [layers.Separable("s4.0", 16, 32, 2), layers.Separable("s4.1", 32, 32, 1)];
        _s8 = [layers.Separable("s8.0", 32, 64, 2), layers.Separable("s8.1", 64, 64, 1), layers.Separable("s8.2", 64, 64, 1)];
        _s16 = [layers.Separable("s16.0", 64, 96, 2), layers.Separable("s16.1", 96, 96, 1), layers.Separable("s16.2", 96, 96, 1)];
        _s32 = [layers.Separable("s32.0", 96, 128, 2), layers.Separable("s32.1", 128, 128, 1)];
        (_lat8, _lat16, _lat32) = (layers.Dense("lat8", 64, 64), layers.Dense("lat16", 96, 64), layers.Dense("lat32", 128, 64));
        (_fpn8, _fpn16, _fpn32) = (Smooth("fpn8"), Smooth("fpn16"), Smooth("fpn32"));
        (_head8, _head16, _head32) = (Smooth("head8"), Smooth("head16"), Smooth("head32"));
        (_out8, _out16, _out32) = (Last("out8"), Last("out16"), Last("out32"));

        SeparableLayer Smooth(string name) => layers.Separable(name, 64, 64, 1);
        DenseLayer Last(string name) => layers.Dense(name, 64, CellChannels, activation: Activation.None);
    }

    public (float Scale, float Shift) Input => (1 / 127.5f, -1);

    public bool SearchesScales => true;

    public (int Side, int Overlap) Tile => (2048, 128);

    public float LeastScore { get; }

    public NetworkPass NewPass()
    {
        var pass = new NetworkPass(_kernels);
        RowMap c3 = Chain(Chain(pass.Stem(_stem), _s4), _s8), c4 = Chain(c3, _s16), c5 = Chain(c4, _s32);
        var p5 = Separable(pass.Pointwise(c5, _lat32), _fpn32);
        var p4 = Separable(pass.UpsampledSum(pass.Pointwise(c4, _lat16), p5), _fpn16);
        var p3 = Separable(pass.UpsampledSum(pass.Pointwise(c3, _lat8), p4), _fpn8);
        pass.Outputs = [Head(p3, _head8, _out8), Head(p4, _head16, _out16), Head(p5, _head32, _out32)];
        return pass;

        RowMap Separable(RowMap input, SeparableLayer layer) => pass.Separable(input, layer.Depthwise, layer.Pointwise);
        RowMap Chain(RowMap input, SeparableLayer[] layers) => layers.Aggregate(input, Separable);
        RowMap Head(RowMap input, SeparableLayer head, DenseLayer last) => pass.Pointwise(Separable(input, head), last);
    }

    // The smaller the box that a cell tells of, the weaker its logit may be: other things than faces seem larger.
    public bool IsTrace(float* cell) => cell[0] - TraceSlope * (cell[1] + cell[2] + cell[3] + cell[4]) >= LeastTrace;

    public bool TryDecode(float* cell, int x, int y, int stride, out Candidate candidate)
    {
        candidate = default;
        if (!(cell[0] >= _leastLogit)) return false;
        var score = 1 / (1 + MathF.Exp(-cell[0]));
        if (!(score >= LeastScore)) return false;
        float centreX = (x + 0.5f) * stride, centreY = (y + 0.5f) * stride;
        var box = new Box(centreX - Distance(1), centreY - Distance(2), centreX + Distance(3), centreY + Distance(4));
        candidate = new(box, new(At(0), At(1), At(2), At(3), At(4)), score);
        return true;

        float Distance(int channel) => MathF.Exp(Math.Clamp(cell[channel], -4, 5)) * stride;
        Point At(int i) => new(centreX + cell[5 + 2 * i] * stride, centreY + cell[6 + 2 * i] * stride);
    }

    public void Dispose() => _layers.Dispose();
}
