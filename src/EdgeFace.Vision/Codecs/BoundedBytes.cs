namespace EdgeFace.Vision;

/// <summary>The bytes of a picture as a stream gives them, up to a limit.</summary>
/// <param name="source">What to call it in messages.</param>
/// <param name="limit">The most bytes, at least 1.</param>
/// <param name="expected">How many there seem to be; 0 where that is not known, as of pipes and devices.</param>
sealed class BoundedBytes(string source, long limit, long expected)
{
    const int FirstRead = 64 << 10;

    readonly byte[] _next = new byte[1];
    byte[] _bytes = new byte[expected > 0 ? expected : Math.Min(FirstRead, limit)];
    int _count;

    /// <summary>Begins with what a stream has left.</summary>
    /// <exception cref="ImageFormatException">It says that it has more bytes than the limit.</exception>
    public static BoundedBytes Of(Stream stream, ImageLimits? limits, string source)
    {
        var limit = Math.Min((limits ?? ImageLimits.Default).MaxBytes, Array.MaxLength);
        var left = stream.CanSeek ? Math.Max(0, stream.Length - stream.Position) : 0;
        return left > limit ? throw TooMany(source, limit) : new(source, limit, left);
    }

    public static ImageFormatException TooMany(string source, long limit)
        => new($"{source}: more bytes than the limit of {limit}; save the picture smaller");

    /// <summary>Where the next bytes go: never empty, so that nothing read is the end.</summary>
    public Memory<byte> Room => _count < _bytes.Length ? _bytes.AsMemory(_count) : _next;

    /// <summary>Takes so many bytes that were written to <see cref="Room"/>.</summary>
    /// <exception cref="ImageFormatException">They are more than the limit.</exception>
    public void Take(int count)
    {
        if (_count == _bytes.Length)
        {
            if (_count == limit) throw TooMany(source, limit);
            Array.Resize(ref _bytes, (int)Math.Min(2L * _count, limit));
            _bytes[_count] = _next[0];
        }
        _count += count;
    }

    /// <summary>All bytes; without a copy where they are as many as expected.</summary>
    public byte[] ToArray()
    {
        if (_count < _bytes.Length) Array.Resize(ref _bytes, _count);
        return _bytes;
    }
}
