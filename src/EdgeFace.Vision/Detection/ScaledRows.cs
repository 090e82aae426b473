using System.Diagnostics;
using EdgeFace.Kernels;
using EdgeFace.Vision.Detection.Maps;

namespace EdgeFace.Vision.Detection;

/// <summary>
/// Rows of a part of a picture scaled by s: pixel (x, y) shows the scaled picture's pixel (left + x, top + y), bilinear; what lies beyond it is 0.
/// </summary>
sealed unsafe class ScaledRows(KernelSet kernels, float scale, float shift) : PixelRows, IDisposable
{
    NativeBuffer? _memory;
    PictureLevel _source;
    double _s;
    int _k, _top, _width, _columns, _rows, _from, _until;
    bool _unscaled, _sparse;
    int* _first;
    float* _shares, _mixed;

    /// <summary>How pixels are stretched; null for as they are.</summary>
    public Tone? Tone { get; set; }

    /// <summary>Chooses the part; columns is how many pixels a row has.</summary>
    public void Set(ImagePyramid pyramid, double s, int left, int top, int columns)
    {
        var picture = pyramid.Picture;
        // From a half-size level when it shrinks by more than 1.5, a quarter-size one beyond 3, and so on, so that nothing aliases.
        _k = ImagePyramid.LevelFor(1 / s, 1.5 + 1e-9);
        _source = pyramid.Level(ref _k);
        (_s, _top, _width) = (s, top, columns);
        // A level as it is may lack the column or row that rounding adds.
        _unscaled = s * (1 << _k) == 1;
        _columns = Math.Max(0, Math.Min(columns, (_unscaled ? _source.Width : ImagePyramid.Scaled(picture.Width, s)) - left));
        _rows = (_unscaled ? _source.Height : ImagePyramid.Scaled(picture.Height, s)) - top;
        if (_columns == 0) return;
        (_from, _until) = (Position(left, _source.Width).Low, Math.Min(Position(left + _columns - 1, _source.Width).Low + 2, _source.Width));
        // Of a picture too thin for smaller copies only the pixels are mixed that are looked at.
        _sparse = _until - _from > 2 * _columns + 2;
        // First pixels, shares, and a row between two rows of the source with a pixel more and what a vector reads beyond it.
        var floats = 2L * _columns + (_sparse ? 0 : 3L * (_until - _from)) + 16;
        if (_memory is null || _memory.Count < floats)
        {
            _memory?.Dispose();
            _memory = null;
            _memory = new NativeBuffer(floats);
        }
        _first = (int*)_memory.Pointer;
        _shares = _memory.Pointer + _columns;
        _mixed = _shares + _columns;
        Debug.Assert(_mixed - _memory.Pointer + (_sparse ? 0 : 3L * (_until - _from + 1)) <= _memory.Count, "a mixed row has a pixel more");
        for (var x = 0; x < _columns; x++)
        {
            var (low, share) = Position(left + x, _source.Width);
            (_first[x], _shares[x]) = (3 * (low - _from), share);
        }
    }

    /// <summary>Two rows mixed, and beside the last pixel itself.</summary>
    void Mix(byte* upper, byte* lower, float share, int pixels, float* mixed)
    {
        kernels.MixBytes(upper, lower, share, scale, shift, mixed, 3 * pixels);
        for (var c = 0; c < 3; c++) mixed[3 * pixels + c] = mixed[3 * pixels - 3 + c];
    }

    (int Low, float Share) Position(int target, int side)
    {
        var at = Math.Clamp((target + 0.5) / _s / (1 << _k) - 0.5, 0, side - 1);
        var low = (int)at;
        return (low, (float)(at - low));
    }

    public override void Read(int y, float* row)
    {
        var filled = y < _rows ? 3 * _columns : 0;
        new Span<float>(row + filled, 3 * _width - filled).Clear();
        if (filled == 0) return;
        Fill(y, row, filled);
        Tone?.Apply(row, _columns, scale, shift);
    }

    void Fill(int y, float* row, int filled)
    {
        var (low, share) = Position(_top + y, _source.Height);
        Debug.Assert(_from >= 0 && _from < _until && _until <= _source.Width, "columns are those of the source");
        var upper = _source.Row(low) + 3 * _from;
        if (_unscaled)
        {
            kernels.FromBytes(upper, row, filled, scale, shift);
            return;
        }
        var lower = _source.Row(Math.Min(low + 1, _source.Height - 1)) + 3 * _from;
        if (!_sparse)
        {
            Mix(upper, lower, share, _until - _from, _mixed);
            kernels.MixPixels(_mixed, _first, _shares, row, _columns);
            return;
        }
        var zero = 0;
        for (var x = 0; x < _columns; x++)
        {
            Mix(upper + _first[x], lower + _first[x], share, Math.Min(2, _until - _from - _first[x] / 3), _mixed);
            kernels.MixPixels(_mixed, &zero, _shares + x, row + 3 * x, 1);
        }
    }

    public void Dispose() => _memory?.Dispose();
}
