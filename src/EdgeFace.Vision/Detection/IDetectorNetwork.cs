using EdgeFace.Vision.Detection.Maps;

namespace EdgeFace.Vision.Detection;

/// <summary>A single-shot network that finds faces: its layers, and what the cells of its outputs say. Weights are immutable and shared.</summary>
unsafe interface IDetectorNetwork : IDisposable
{
    /// <summary>What a byte of a pixel becomes: byte * Scale + Shift. Beyond the picture it is 0.</summary>
    (float Scale, float Shift) Input { get; }

    /// <summary>
    /// Faces are searched for in copies of the picture of several sizes, in the finest only where there are traces; otherwise there is one look.
    /// </summary>
    bool SearchesScales { get; }

    /// <summary>
    /// The side of the largest square that is looked at whole; larger pictures are in tiles that overlap by so much, so that a face of that size
    /// on a border lies whole in one of them.
    /// </summary>
    (int Side, int Overlap) Tile { get; }

    /// <summary>A cell is a candidate from this score on.</summary>
    float LeastScore { get; }

    /// <summary>The network for one thread; its outputs have strides 8, 16 and 32.</summary>
    NetworkPass NewPass();

    /// <summary>Whether a cell of the finest output may show a face that is too small to be found at this scale.</summary>
    bool IsTrace(float* cell);

    /// <summary>What cell (x, y) of an output says, in pixels of the input; false where its score is below <see cref="LeastScore"/>.</summary>
    bool TryDecode(float* cell, int x, int y, int stride, out Candidate candidate);
}
