using System.Diagnostics;

namespace EdgeFace.Vision.Detection.Maps;

/// <summary>
/// A map of a network that is made row by row, each when it is first asked for, from rows of the maps before it. Of its rows only the last
/// few are kept, so that they stay in a cache; of a map that ends a network, all. Pixels lie side by side with one of zeros before and one
/// after each row.
/// </summary>
/// <param name="step">Floats a pixel takes.</param>
abstract unsafe class RowMap(int step)
{
    // A 3 x 3 window and a row more; both are powers of two.
    const int FewRows = 4;

    // Where several maps read rows, one of them lags behind the others.
    const int ManyRows = 64;

    float* _rows, _outside;
    long _pitch;
    int _kept, _made;

    /// <summary>The layer that makes it.</summary>
    public string Name { get; init; } = "";

    public int Step { get; } = step;

    public int Height { get; protected set; }

    public int Width { get; protected set; }

    /// <summary>How many maps take rows of it.</summary>
    public int Readers { get; set; }

    /// <summary>Keeps all rows however many maps read them.</summary>
    public bool Whole { get; set; }

    /// <summary>Takes its size from the maps before it.</summary>
    public abstract void Resize();

    /// <summary>Floats that <see cref="Make"/> needs for what it does not keep.</summary>
    public virtual long ScratchFloats => 0;

    /// <summary>Floats that its rows take.</summary>
    public long Floats => (Width + 2L) * Step * RowsKept;

    int RowsKept => Whole || Readers == 0 ? Height : Readers == 1 ? FewRows : ManyRows;

    protected float* Scratch { get; private set; }

    /// <summary>Gives it memory, and forgets all rows.</summary>
    /// <param name="outside">A row of zeros.</param>
    public void Place(float* rows, float* outside, float* scratch)
    {
        _rows = rows;
        _outside = outside;
        Scratch = scratch;
        (_pitch, _kept, _made) = ((Width + 2L) * Step, RowsKept, 0);
        for (var y = 0; y < _kept; y++)
        {
            new Span<float>(rows + y * _pitch, Step).Clear();
            new Span<float>(rows + (y + 1) * _pitch - Step, Step).Clear();
        }
    }

    /// <summary>Makes the rows up to y.</summary>
    public void Ensure(int y)
    {
        Debug.Assert(y < Height, "a map makes no rows below its last");
        for (; _made <= y; _made++) Make(_made, At(_made) + Step);
    }

    /// <summary>The pixels of a row that was made.</summary>
    public float* Row(int y) => Padded(y) + Step;

    /// <summary>A row that was made, from the zeros before it on; zeros above and below the map.</summary>
    public float* Padded(int y)
    {
        if ((uint)y >= (uint)Height) return _outside;
        if (y < _made && y >= _made - _kept) return At(y);
        throw new InvalidOperationException($"row {y} of '{Name}' is not there: {_made} made, {_kept} kept");
    }

    float* At(int y)
    {
        Debug.Assert(_rows is not null && _kept > 0, "a map has memory before its rows are made");
        return _rows + y % _kept * _pitch;
    }

    /// <summary>Makes the rows of a map that a 3 x 3 convolution needs for its row y.</summary>
    protected static void EnsureAround(RowMap input, int y) => input.Ensure(Math.Min(y + 1, input.Height - 1));

    /// <summary>Computes a row; called from top to bottom.</summary>
    protected abstract void Make(int y, float* row);
}
