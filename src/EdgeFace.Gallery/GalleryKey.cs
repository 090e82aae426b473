using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace EdgeFace.Gallery;

/// <summary>
/// The key of an encrypted gallery: 32 random bytes, written as base64 or as 64 hexadecimal digits. Whoever loses it loses the gallery.
/// </summary>
public sealed class GalleryKey
{
    /// <summary>Bytes of a key.</summary>
    public const int Length = 32;

    /// <summary>The environment variable that may hold a key.</summary>
    public const string Variable = "EDGEFACE_GALLERY_KEY";

    readonly byte[] _bytes;

    GalleryKey(byte[] bytes) => _bytes = bytes;

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>A new random key.</summary>
    public static GalleryKey Generate() => new(RandomNumberGenerator.GetBytes(Length));

    /// <summary>Reads base64 or 64 hexadecimal digits; white space around them is ignored.</summary>
    /// <exception cref="GalleryException">The text is no key. It is not repeated in the message.</exception>
    public static GalleryKey Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Read(text) is { } bytes ? new(bytes) : throw Refused("the key");
    }

    /// <summary>Reads a file that holds nothing but a key.</summary>
    /// <exception cref="GalleryException">The file cannot be read or holds no key.</exception>
    public static GalleryKey FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path)) throw new GalleryException($"'{path}' is a folder, not a key file");
        try
        {
            using var file = File.OpenRead(path);
            var buffer = new byte[1024];
            var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length < buffer.Length && Read(Encoding.UTF8.GetString(buffer, 0, length)) is { } bytes
                ? new(bytes)
                : throw Refused($"the key file '{path}'");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GalleryException($"the key file '{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The key in the environment variable <see cref="Variable"/>; null if that is not set or empty.</summary>
    /// <exception cref="GalleryException">The variable holds no key.</exception>
    public static GalleryKey? FromEnvironment()
        => Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text ? null
            : Read(text) is { } bytes ? new(bytes)
            : throw Refused($"the environment variable {Variable}");

    /// <summary>The key as base64, to be stored where only its owners can read it.</summary>
    public string ToBase64() => Convert.ToBase64String(_bytes);

    static byte[]? Read(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.Length == 2 * Length && trimmed.All(char.IsAsciiHexDigit)) return Convert.FromHexString(trimmed);
        return Base64.IsValid(trimmed, out var length) && length == Length ? Convert.FromBase64String(trimmed) : null;
    }

    static GalleryException Refused(string what)
        => new($"{what} holds no key: {Length} bytes as base64 or {2 * Length} hexadecimal digits are expected");
}
