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
        return new(path, async stop => await ImageCodec.ReadFileAsync(path, cancellation: stop).ConfigureAwait(false), null)
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
        return new(name, async stop => read ??= await PictureStream.ReadAsync(stream, null, name, stop).ConfigureAwait(false), null);
    }

    /// <summary>A decoded picture, such as a frame of a camera.</summary>
    public static Photo FromImage(RgbImage image, string name = Unnamed)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new(name, null, image);
    }

    /// <summary>
    /// Reads the picture and works on its pixels, on threads of the pool; they are in memory only meanwhile where they are decoded here.
    /// </summary>
    /// <param name="work">Gets the pixels, and the encoded bytes, none of a decoded picture.</param>
    /// <param name="cancellationToken">Ends the call; work that was begun ends by itself.</param>
    /// <exception cref="ImageFormatException">The picture cannot be read or decoded.</exception>
    internal Task<T> WorkAsync<T>(Func<RgbImage, ReadOnlyMemory<byte>, T> work, CancellationToken cancellationToken)
        => Prompt.Run(async stop =>
        {
            if (_image is { } image) return await Task.Run(() => work(image, default), stop).ConfigureAwait(false);
            var encoded = await _read!(stop).ConfigureAwait(false);
            return await ImageCodec.UseAsync(encoded, decoded => work(decoded, encoded), null, Name, stop).ConfigureAwait(false);
        }, cancellationToken);

    /// <summary>SHA-256 of the encoded bytes, by which a gallery knows a picture again; null of a decoded picture.</summary>
    internal string? HashOf(ReadOnlyMemory<byte> encoded) => _image is null ? Convert.ToHexStringLower(SHA256.HashData(encoded.Span)) : null;
}
