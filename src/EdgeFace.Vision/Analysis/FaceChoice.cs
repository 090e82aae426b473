namespace EdgeFace.Vision;

/// <summary>Which face of a picture is meant where one is expected.</summary>
public readonly record struct FaceChoice
{
    readonly int _value;

    FaceChoice(int value) => _value = value;

    /// <summary>The only face; several are an error. The default.</summary>
    public static FaceChoice Only => default;

    /// <summary>The face with the largest box.</summary>
    public static FaceChoice Largest => new(-1);

    /// <summary>The face at a 0-based index in the order of detection, best score first.</summary>
    public static FaceChoice At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new(index + 1);
    }

    /// <summary>The face that is meant.</summary>
    /// <param name="faces">The faces of a picture, best score first.</param>
    /// <param name="source">What to call the picture in messages.</param>
    /// <exception cref="NoFaceException">There is none.</exception>
    /// <exception cref="SeveralFacesException">There are several and none was chosen, or the chosen one does not exist.</exception>
    public Face Of(IReadOnlyList<Face> faces, string source)
    {
        ArgumentNullException.ThrowIfNull(faces);
        if (faces.Count == 0) throw new NoFaceException(source);
        return _value switch
        {
            0 when faces.Count == 1 => faces[0],
            0 => throw new SeveralFacesException(source, faces, "choose one: the largest, or one by its index"),
            -1 => faces.MaxBy(f => f.Box.Area)!,
            _ when _value <= faces.Count => faces[_value - 1],
            _ => throw new SeveralFacesException(source, faces, $"there is no face {_value - 1}"),
        };
    }
}
