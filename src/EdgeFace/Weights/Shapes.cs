namespace EdgeFace.Weights;

static class Shapes
{
    /// <summary>The number of values of a declared shape, or false where it is negative or overflows.</summary>
    public static bool TryCount(ReadOnlySpan<int> shape, out long count)
    {
        count = 1;
        foreach (var dimension in shape)
        {
            if (dimension < 0 || (dimension > 0 && count > int.MaxValue / dimension)) return false;
            count *= dimension;
        }
        return true;
    }

    public static string Text(ReadOnlySpan<int> shape) => "[" + string.Join(", ", shape.ToArray()) + "]";
}
