using System.Diagnostics;
using EdgeFace.Kernels;
using EdgeFace.Vision.Detection.Maps;

namespace EdgeFace.Vision.Detection;

/// <summary>Rows of the refiner's input: a square of 140 template units around a face, upright in the template; 0 outside the picture.</summary>
sealed unsafe class PatchRows(KernelSet kernels) : PixelRows
{
    const double Step = 140.0 / RefinerNetwork.PatchSize, Centre = RefinerNetwork.PatchSize / 2.0;
    /// <summary>The middle of the patch in template units.</summary>
    public const float CentreX = 56, CentreY = 64;

    const float Scale = 1 / 127.5f, Shift = -1;

    PictureLevel _level;
    double _x, _y, _dx, _dy;

    /// <summary>How pixels are stretched; null for as they are.</summary>
    public Tone? Tone { get; set; }

    /// <param name="fromTemplate">From the crop's template to the picture.</param>
    public void Set(ImagePyramid pyramid, SimilarityTransform fromTemplate)
    {
        var k = ImagePyramid.LevelFor(fromTemplate.Scale * Step, 2);
        _level = pyramid.Level(ref k);
        var perPixel = 1.0 / (1 << k);
        // The first pixel and the way to the next, in pixels of the level.
        double x = CentreX + (0.5 - Centre) * Step, y = CentreY + (0.5 - Centre) * Step;
        _x = (fromTemplate.A * x - fromTemplate.B * y + fromTemplate.Tx + 0.5) * perPixel - 0.5;
        _y = (fromTemplate.B * x + fromTemplate.A * y + fromTemplate.Ty + 0.5) * perPixel - 0.5;
        (_dx, _dy) = (fromTemplate.A * Step * perPixel, fromTemplate.B * Step * perPixel);
    }

    public override void Read(int y, float* row)
    {
        const int last = RefinerNetwork.PatchSize - 1;
        double x0 = _x - y * _dy, y0 = _y + y * _dx;
        if (Inside(x0, y0) && Inside(x0 + last * _dx, y0 + last * _dy))
        {
            kernels.SampleLine(_level.Pixels, _level.RowBytes, x0, y0, _dx, _dy, Scale, Shift, row, RefinerNetwork.PatchSize);
            Tone?.Apply(row, RefinerNetwork.PatchSize, Scale, Shift);
            return;
        }
        for (var i = 0; i < RefinerNetwork.PatchSize; i++) Sample(x0 + i * _dx, y0 + i * _dy, row + 3 * i);
    }

    // What SampleLine asks for, and less by what its sums may round.
    bool Inside(double x, double y) => x >= 1e-6 && y >= 1e-6 && x <= _level.Width - 3 - 1e-6 && y <= _level.Height - 2 - 1e-6;

    void Sample(double x, double y, float* rgb)
    {
        rgb[0] = rgb[1] = rgb[2] = 0;
        if (!(x > -1 && y > -1 && x < _level.Width && y < _level.Height)) return;
        int x0 = (int)Math.Floor(x), y0 = (int)Math.Floor(y);
        float fx = (float)(x - x0), fy = (float)(y - y0);
        Add(x0, y0, (1 - fx) * (1 - fy), rgb);
        Add(x0 + 1, y0, fx * (1 - fy), rgb);
        Add(x0, y0 + 1, (1 - fx) * fy, rgb);
        Add(x0 + 1, y0 + 1, fx * fy, rgb);
    }

    void Add(int x, int y, float weight, float* sum)
    {
        if ((uint)x >= (uint)_level.Width || (uint)y >= (uint)_level.Height) return;
        var pixel = _level.Row(y) + 3 * x;
        Debug.Assert(pixel + 3 <= _level.Pixels + (long)_level.Height * _level.RowBytes, "a pixel lies in the level");
        var rgb = stackalloc float[3];
        for (var c = 0; c < 3; c++) rgb[c] = pixel[c] * Scale + Shift;
        Tone?.Apply(rgb, 1, Scale, Shift);
        for (var c = 0; c < 3; c++) sum[c] += weight * rgb[c];
    }
}
