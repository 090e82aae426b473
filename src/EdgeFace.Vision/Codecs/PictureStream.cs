namespace EdgeFace.Vision;

/// <summary>Reads the bytes of encoded pictures, never more than the limit.</summary>
static class PictureStream
{
    /// <summary>The bytes of a file. A pipe is waited for and read to its end.</summary>
    /// <exception cref="ImageFormatException">It is missing, unreadable or too large.</exception>
    public static byte[] ReadFile(string path, ImageLimits? limits)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            using var file = Open(path);
            return ReadAll(file, limits, path);
        }
        catch (Exception e) when (Refusal(path, e) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>As <see cref="ReadFile"/>.</summary>
    public static async Task<byte[]> ReadFileAsync(string path, ImageLimits? limits, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(path);
        cancellation.ThrowIfCancellationRequested();
        try
        {
            // Whoever opens or reads a pipe waits for its other end, and no token ends that: the waiting is left to itself.
            var opening = Task.Run(() => Open(path), CancellationToken.None);
            FileStream file;
            try
            {
                file = await opening.WaitAsync(cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                _ = opening.ContinueWith(o => o.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion,
                    TaskScheduler.Default);
                throw;
            }
            await using (file.ConfigureAwait(false))
            {
                var bytes = BoundedBytes.Of(file, limits, path);
                while (await Next(file, bytes.Room).WaitAsync(cancellation).ConfigureAwait(false) is > 0 and var count) bytes.Take(count);
                return bytes.ToArray();
            }
        }
        catch (Exception e) when (Refusal(path, e) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>The bytes that a stream has left; it stays open.</summary>
    /// <exception cref="ImageFormatException">They are too many, or cannot be read.</exception>
    public static byte[] Read(Stream stream, ImageLimits? limits, string source, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            return ReadAll(stream, limits, source, cancellation);
        }
        catch (Exception e) when (Refusal(source, e) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>As <see cref="Read"/>.</summary>
    public static async Task<byte[]> ReadAsync(Stream stream, ImageLimits? limits, string source, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            var bytes = BoundedBytes.Of(stream, limits, source);
            while (await stream.ReadAsync(bytes.Room, cancellation).ConfigureAwait(false) is > 0 and var count) bytes.Take(count);
            return bytes.ToArray();
        }
        catch (Exception e) when (Refusal(source, e) is { } refusal)
        {
            throw refusal;
        }
    }

    static byte[] ReadAll(Stream stream, ImageLimits? limits, string source, CancellationToken cancellation = default)
    {
        var bytes = BoundedBytes.Of(stream, limits, source);
        while (stream.Read(bytes.Room.Span) is > 0 and var count)
        {
            bytes.Take(count);
            cancellation.ThrowIfCancellationRequested();
        }
        return bytes.ToArray();
    }

    static Task<int> Next(FileStream file, Memory<byte> room) => file.ReadAsync(room, CancellationToken.None).AsTask();

    static FileStream Open(string path) => Directory.Exists(path)
        ? throw new ImageFormatException($"{path}: a picture is expected, this is a directory")
        // Without a buffer, which would be waited for when a reading that was left to itself is ended.
        : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);

    static ImageFormatException? Refusal(string source, Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => new($"{source}: no such file", e),
        IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException => new($"{source}: cannot be read: {e.Message}", e),
        _ => null,
    };
}
