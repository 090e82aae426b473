using System.Security.Cryptography;
using System.Text;

namespace EdgeFace.Gallery;

/// <summary>
/// Encrypts values before they are stored, each for its <see cref="FieldPlace"/> in one gallery alone. Without a key values are stored as they are.
/// Not safe for several threads at once.
/// </summary>
sealed class FieldCipher : IDisposable
{
    public const int KeyBytes = 32, LookupBytes = 16, NonceBytes = 12, TagBytes = 16, GalleryIdBytes = 16;

    readonly AesGcm? _aes;
    readonly byte[] _lookupKey, _gallery;
    readonly int _version;

    /// <param name="dataKey">32 bytes, or null to store values as they are.</param>
    /// <param name="gallery">The gallery's id, to which values are bound.</param>
    /// <param name="version">Version of the tables: what values are bound to follows from it.</param>
    public FieldCipher(byte[]? dataKey, byte[] gallery, int version)
    {
        (_gallery, _version) = (gallery, version);
        _aes = dataKey is null ? null : new(Derive(dataKey, "fields"), TagBytes);
        _lookupKey = dataKey is null ? [] : Derive(dataKey, "lookups");
    }

    public bool Encrypts => _aes is not null;

    public static byte[] Derive(byte[] dataKey, string purpose)
        => HKDF.Expand(HashAlgorithmName.SHA256, dataKey, KeyBytes, Encoding.UTF8.GetBytes("edgeface gallery " + purpose));

    /// <summary>A text as it is stored: itself, or encrypted bytes.</summary>
    public object Seal(string text, FieldPlace place) => _aes is null ? text : Seal(Encoding.UTF8.GetBytes(text), place);

    public byte[] Seal(byte[] value, FieldPlace place)
    {
        if (_aes is null) return value;
        var stored = new byte[NonceBytes + value.Length + TagBytes];
        var nonce = stored.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        var rest = stored.AsSpan(NonceBytes);
        _aes.Encrypt(nonce, value, rest[..value.Length], rest[value.Length..], place.ToBytes(_gallery, _version));
        return stored;
    }

    /// <exception cref="GalleryException">The value was changed, or belongs elsewhere.</exception>
    public string OpenText(object stored, FieldPlace place) => stored switch
    {
        string text when _aes is null => text,
        byte[] bytes when _aes is not null => Encoding.UTF8.GetString(Open(bytes, place)),
        _ => throw Damaged(place),
    };

    /// <exception cref="GalleryException">The value was changed, or belongs elsewhere.</exception>
    public byte[] Open(byte[] stored, FieldPlace place)
    {
        if (_aes is null) return stored;
        if (stored.Length < NonceBytes + TagBytes) throw Damaged(place);
        var value = new byte[stored.Length - NonceBytes - TagBytes];
        try
        {
            var rest = stored.AsSpan(NonceBytes);
            _aes.Decrypt(stored.AsSpan(0, NonceBytes), rest[..value.Length], rest[value.Length..], value, place.ToBytes(_gallery, _version));
        }
        catch (AuthenticationTagMismatchException)
        {
            throw Damaged(place);
        }
        return value;
    }

    /// <summary>By what an equal text can be found without being readable: a hash, with the key where there is one.</summary>
    public byte[] Lookup(string text, string column)
    {
        var bytes = Encoding.UTF8.GetBytes(column + "\0" + text);
        return (_aes is null ? SHA256.HashData(bytes) : HMACSHA256.HashData(_lookupKey, bytes))[..LookupBytes];
    }

    public void Dispose() => _aes?.Dispose();

    static GalleryException Damaged(FieldPlace place)
    {
        var whose = place.Person == 0 ? "" : FormattableString.Invariant($", as person {place.Person}'s,");
        var where = FormattableString.Invariant($"{place.Column} of row {place.Row}{whose}");
        return new($"{where} cannot be read: it was changed or moved. Restore the gallery from a backup") { Kind = ErrorKind.Input };
    }
}
