using System.Numerics.Tensors;

namespace EdgeFace.Gallery;

/// <summary>Coordinates as every store keeps them: 16 bits each.</summary>
static class StoredCoordinates
{
    public static Half[] Of(ReadOnlySpan<float> coordinates)
    {
        var stored = new Half[coordinates.Length];
        TensorPrimitives.ConvertToHalf(coordinates, stored);
        return stored;
    }

    public static float[] Widen(ReadOnlySpan<Half> stored)
    {
        var coordinates = new float[stored.Length];
        TensorPrimitives.ConvertToSingle(stored, coordinates);
        return coordinates;
    }
}
