using EdgeFace.Kernels;
using EdgeFace.Vision.Detection.Maps;

namespace EdgeFace.Vision.Detection;

/// <summary>YuNet (docs/detector.md#yunet): a single-shot detector whose five points need no refiner.</summary>
sealed unsafe class YuNetNetwork : IDetectorNetwork
{
    // A cell: class, objectness, four of the box, ten of the points.
    const int Centre = 2, Size = 4, Points = 6;

    /// <summary>A pointwise convolution, then a depthwise 3 x 3 one, with ReLU but in the heads.</summary>
    readonly record struct Unit(DenseLayer Pointwise, PackedDepthwise Depthwise);

    readonly KernelSet _kernels;
    readonly LayerSet _layers;
    readonly DenseLayer _stem;
    readonly Unit _first;
    readonly Unit[][] _stages;
    readonly Unit[] _neck, _heads;
    readonly float _leastLogit;

    /// <exception cref="ModelFormatException">A tensor is missing, of another shape or not finite.</exception>
    public YuNetNetwork(ModelFile model, KernelSet kernels, float leastScore = DetectorOptions.DefaultMinScore)
    {
        if (!IsIn(model))
        {
            var found = model.Card.Kind == "detector" ? "the first of a detector's two stages" : $"a {model.Card.Kind}";
            throw new ModelFormatException(model.Source, null, "YuNet, a detector that needs no refiner", found);
        }
        var layers = new LayerSet(kernels, model);
        (_kernels, _layers, LeastScore) = (kernels, layers, leastScore);
        // The score is at most the root of either factor. A little less, so that rounding loses none.
        _leastLogit = MathF.Log(leastScore * leastScore / (1 - leastScore * leastScore)) - 0.01f;
        // The network takes BGR.
        _stem = layers.Dense("backbone.model0.conv1", 3, 16, 3, reversed: true);
        _first = Of("backbone.model0.conv2", 16, 16);
        _stages = [Stage(1, 16, 32), Stage(2, 32, 64), Stage(3, 64, 64), Stage(4, 64, 64), Stage(5, 64, 64)];
        _neck = [.. Enumerable.Range(0, 3).Select(i => Of($"neck.lateral_convs.{i}", 64, 64))];
        _heads = [.. Enumerable.Range(0, 3).Select(Head)];

        Unit[] Stage(int i, int inputs, int outputs) 
            => [Of($"backbone.model{i}.conv1", inputs, inputs), Of($"backbone.model{i}.conv2", inputs, outputs)];

        Unit Of(string name, int inputs, int outputs)
            => new(layers.Dense(name + ".conv1", inputs, outputs, activation: Activation.None), layers.Depthwise(1, (name + ".conv2", outputs)));

        Unit Head(int i)
        {
            string Name(string kind, int conv) => $"bbox_head.multi_level_{kind}.{i}.conv{conv}";
            return new(layers.Joined($"heads.{i}", 64, (Name("cls", 1), 1), (Name("obj", 1), 1), (Name("bbox", 1), 4), (Name("kps", 1), 10)),
                layers.Depthwise(1, (Name("cls", 2), 1), (Name("obj", 2), 1), (Name("bbox", 2), 4), (Name("kps", 2), 10)));
        }
    }

    /// <summary>Whether a model holds this network, by the name of one of its layers.</summary>
    public static bool IsIn(ModelFile model) => model.Parameters.Any(p => p.Name == "neck.lateral_convs.2.conv1.weight");

    public (float Scale, float Shift) Input => (1, 0);

    public bool SearchesScales => false;

    // Its largest faces are some 600 pixels wide. Without a bound a picture of one row would take any amount of memory.
    public (int Side, int Overlap) Tile => (8192, 640);

    public float LeastScore { get; }

    public NetworkPass NewPass()
    {
        var pass = new NetworkPass(_kernels);
        var x = pass.MaxPool(Then(pass.Stem(_stem), [_first]));
        x = Then(x, [.. _stages[0], .. _stages[1]]);
        RowMap c3 = Then(pass.MaxPool(x), _stages[2]), c4 = Then(pass.MaxPool(c3), _stages[3]), c5 = Then(pass.MaxPool(c4), _stages[4]);
        var p5 = Then(c5, [_neck[2]]);
        var p4 = Then(pass.UpsampledSum(c4, p5), [_neck[1]]);
        var p3 = Then(pass.UpsampledSum(c3, p4), [_neck[0]]);
        pass.Outputs = [Head(p3, _heads[0]), Head(p4, _heads[1]), Head(p5, _heads[2])];
        return pass;

        // Units one after another: the depthwise part of each and the pointwise part of the next are one map.
        RowMap Then(RowMap input, Unit[] units)
        {
            var map = pass.Pointwise(input, units[0].Pointwise);
            for (var i = 1; i < units.Length; i++) map = pass.Separable(map, units[i - 1].Depthwise, units[i].Pointwise);
            return pass.Depthwise(map, units[^1].Depthwise, relu: true, units[^1].Pointwise.Name);
        }

        RowMap Head(RowMap input, Unit head)
            => pass.Depthwise(pass.Pointwise(input, head.Pointwise), head.Depthwise, relu: false, head.Pointwise.Name);
    }

    public bool IsTrace(float* cell) => false;

    public bool TryDecode(float* cell, int x, int y, int stride, out Candidate candidate)
    {
        candidate = default;
        if (!(cell[0] >= _leastLogit && cell[1] >= _leastLogit)) return false;
        var score = MathF.Sqrt(Sigmoid(cell[0]) * Sigmoid(cell[1]));
        if (!(score >= LeastScore)) return false;
        float centreX = (x + cell[Centre]) * stride, centreY = (y + cell[Centre + 1]) * stride;
        float halfWidth = MathF.Exp(cell[Size]) * stride / 2, halfHeight = MathF.Exp(cell[Size + 1]) * stride / 2;
        var box = new Box(centreX - halfWidth, centreY - halfHeight, centreX + halfWidth, centreY + halfHeight);
        candidate = new(box, new(At(0), At(1), At(2), At(3), At(4)), score);
        // No refiner looks at it again: weights of any file must not give what is no face.
        return halfWidth > 0 && halfHeight > 0 && float.IsFinite(box.Area)
            && FaceAligner.TryEstimate(FaceAligner.Template, candidate.Landmarks, out _);

        // The person's right comes first, which is the left of the picture.
        Point At(int i) => new((x + cell[Points + 2 * i]) * stride, (y + cell[Points + 2 * i + 1]) * stride);
    }

    static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    public void Dispose() => _layers.Dispose();
}
