namespace EdgeFace.Training.Detection;

/// <summary>The cells of stage 1 over a square window: those of stride 8, row by row, then of 16, then of 32.</summary>
readonly record struct CellGrid(int Side)
{
    const int Finest = 8, Levels = 3;

    /// <summary>How many cells there are.</summary>
    public int Count => First(Levels);

    /// <summary>The first cell of a level.</summary>
    int First(int level)
    {
        var first = 0;
        for (var i = 0; i < level; i++) first += Side / (Finest << i) * (Side / (Finest << i));
        return first;
    }

    /// <summary>The centre and stride of a cell.</summary>
    public (float X, float Y, int Stride) this[int cell]
    {
        get
        {
            var level = cell >= First(2) ? 2 : cell >= First(1) ? 1 : 0;
            int stride = Finest << level, columns = Side / stride, place = cell - First(level);
            return ((place % columns + 0.5f) * stride, (place / columns + 0.5f) * stride, stride);
        }
    }

    /// <summary>The cell of a level (0 to 2) that holds a point; null where the point lies outside.</summary>
    public int? At(int level, float x, float y)
    {
        int stride = Finest << level, columns = Side / stride;
        if (!(x >= 0 && y >= 0 && x < Side && y < Side)) return null;
        return First(level) + (int)y / stride * columns + (int)x / stride;
    }
}
