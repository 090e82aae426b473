using EdgeFace.Models;

namespace EdgeFace.Training.Detection;

/// <summary>Names and shapes of the parameters of the detector's two networks, as their model files have them (docs/detector.md).</summary>
static class DetectorLayers
{
    /// <summary>What recipes call stage 1, and its model.</summary>
    public const string Detector = "edgeface-detector";

    /// <summary>What recipes call stage 2, and its model.</summary>
    public const string Refiner = "edgeface-refiner";

    /// <summary>Values of a cell of stage 1: score, four distances, five landmarks.</summary>
    public const int CellChannels = 15;

    /// <summary>Stage 1.</summary>
    public static IReadOnlyList<ParameterInfo> OfDetector { get; } =
    [
        .. Dense("stem", 3, 16, 3), .. Separable("s4.0", 16, 32), .. Separable("s4.1", 32, 32),
        .. Separable("s8.0", 32, 64), .. Separable("s8.1", 64, 64), .. Separable("s8.2", 64, 64),
        .. Separable("s16.0", 64, 96), .. Separable("s16.1", 96, 96), .. Separable("s16.2", 96, 96),
        .. Separable("s32.0", 96, 128), .. Separable("s32.1", 128, 128),
        .. Dense("lat8", 64, 64, 1), .. Dense("lat16", 96, 64, 1), .. Dense("lat32", 128, 64, 1),
        .. Separable("fpn8", 64, 64), .. Separable("fpn16", 64, 64), .. Separable("fpn32", 64, 64),
        .. Separable("head8", 64, 64), .. Separable("head16", 64, 64), .. Separable("head32", 64, 64),
        .. Dense("out8", 64, CellChannels, 1), .. Dense("out16", 64, CellChannels, 1), .. Dense("out32", 64, CellChannels, 1),
    ];

    /// <summary>Stage 2.</summary>
    public static IReadOnlyList<ParameterInfo> OfRefiner { get; } =
    [
        .. Dense("stem", 3, 16, 3), .. Separable("r4", 16, 32), .. Separable("r8.0", 32, 64), .. Separable("r8.1", 64, 64),
        .. Separable("r16.0", 64, 96), .. Separable("r16.1", 96, 96), .. Dense("pool", 96, 64, 4), .. Dense("out", 64, 11, 1),
    ];

    static ParameterInfo[] Dense(string name, int inputs, int outputs, int kernel)
        => [new(name + ".weight", [outputs, inputs, kernel, kernel]), new(name + ".bias", [outputs])];

    static ParameterInfo[] Separable(string name, int inputs, int outputs)
        => [new(name + ".dw.weight", [inputs, 1, 3, 3]), new(name + ".dw.bias", [inputs]), .. Dense(name + ".pw", inputs, outputs, 1)];
}
