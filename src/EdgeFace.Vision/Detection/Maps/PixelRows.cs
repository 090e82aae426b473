namespace EdgeFace.Vision.Detection.Maps;

/// <summary>Where the rows of pixels come from that a network sees.</summary>
abstract unsafe class PixelRows
{
    /// <summary>Writes row y: 3 floats a pixel, in the scale the network takes; rows are asked for from top to bottom.</summary>
    public abstract void Read(int y, float* row);
}
