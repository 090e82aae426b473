using System.Security.Cryptography;
using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>A picture that is asked about: a file, encoded bytes, a stream, or pixels; and what messages call it.</summary>
public sealed class Photo
{
    const string Unnamed = "the picture";

    readonly Func<CancellationToken, Task<ReadOnlyMemory<byte>>>? _read;
    readonly RgbImage? _image;

    Photo(string name, Func<CancellationToken, Task<ReadOnlyMemory<byte>>>? read, RgbImage? image) => (Name, _read, _image) = (name, read, image);

    /// <summary>What messages call it: a file's path as it was given, else what the caller said.</summary>
    public string Name { get; }

    /// <summary>Where it lies, for galleries to tell; null of what is no file.</summary>
    internal string? Path { get; private init; }

    /// <summary>A file: JPEG, PNG, WebP, BMP or GIF. It is read when it is used.</summary>
    public static Photo FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(path, stop => Task.Run(() => (ReadOnlyMemory<byte>)ImageCodec.ReadFile(path), stop).WaitAsync(stop), null)
        {
            Path = System.IO.Path.GetFullPath(path),
        };
    }

    /// <summary>An encoded picture. The bytes must not change while it is used.</summary>
    public static Photo FromBytes(ReadOnlyMemory<byte> encoded, string name = Unnamed) => new(name, _ => Task.FromResult(encoded), null);

    /// <summary>
    /// An encoded picture from where a stream stands to its end, at most 64 MiB. It is read at the first use and not closed; one use at a time.
    /// </summary>
    public static Photo FromStream(Stream stream, string name = Unnamed)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ReadOnlyMemory<byte>? read = null;
        return new(name, async stop => read ??= await ReadAsync(stream, name, stop).ConfigureAwait(false), null);
    }

    /// <summary>A decoded picture, such as a frame of a camera.</summary>
    public static Photo FromImage(RgbImage image, string name = Unnamed)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new(name, null, image);
    }

    /// <summary>Reads the picture and works on its pixels, on threads of the pool; they are in memory only meanwhile where they are decoded here.</summary>
    /// <param name="work">Gets the pixels, and the encoded bytes, none of a decoded picture.</param>
    /// <param name="cancellationToken">Ends the call; work that was begun ends by itself.</param>
    /// <exception cref="ImageFormatException">The picture cannot be read or decoded.</exception>
    internal Task<T> WorkAsync<T>(Func<RgbImage, ReadOnlyMemory<byte>, T> work, CancellationToken cancellationToken)
        => Prompt.Run(async stop =>
        {
            var encoded = _read is null ? default : await _read(stop).ConfigureAwait(false);
            return await Task.Run(() => Use(encoded, work), stop).ConfigureAwait(false);
        }, cancellationToken);

    /// <summary>SHA-256 of the encoded bytes, by which a gallery knows a picture again; null of a decoded picture.</summary>
    internal string? HashOf(ReadOnlyMemory<byte> encoded) => _image is null ? Convert.ToHexStringLower(SHA256.HashData(encoded.Span)) : null;

    T Use<T>(ReadOnlyMemory<byte> encoded, Func<RgbImage, ReadOnlyMemory<byte>, T> work)
    {
        if (_image is not null) return work(_image, encoded);
        using var picture = ImageCodec.Lease(encoded.Span, default, Name);
        return work(picture.Image, encoded);
    }

    static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream stream, string name, CancellationToken stop)
    {
        var most = default(ImageLimits).MaxBytes;
        using var bytes = new MemoryStream();
        var buffer = new byte[128 << 10];
        try
        {
            while (await stream.ReadAsync(buffer, stop).ConfigureAwait(false) is > 0 and var count)
            {
                if (bytes.Length + count > most)
                    throw new ImageFormatException($"{name}: more bytes than the limit of {most}; save the picture smaller");
                bytes.Write(buffer, 0, count);
            }
        }
        catch (IOException e)
        {
            throw new ImageFormatException($"{name}: cannot be read: {e.Message}", e);
        }
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }
}
