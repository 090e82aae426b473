using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EdgeFace.Gallery;

/// <summary>
/// Encrypts values before they are stored, each for its place alone: the column and the row's number are authenticated with it, so a value that was moved is refused.
/// Without a key values are stored as they are. Not safe for several threads at once.
/// </summary>
sealed class FieldCipher : IDisposable
{
    public const int KeyBytes = 32, LookupBytes = 16, NonceBytes = 12, TagBytes = 16;

    readonly AesGcm? _aes;
    readonly byte[] _lookupKey;

    /// <param name="dataKey">32 bytes, or null to store values as they are.</param>
    public FieldCipher(byte[]? dataKey)
    {
        _aes = dataKey is null ? null : new(Derive(dataKey, "fields"), TagBytes);
        _lookupKey = dataKey is null ? [] : Derive(dataKey, "lookups");
    }

    public bool Encrypts => _aes is not null;

    public static byte[] Derive(byte[] dataKey, string purpose) => HKDF.Expand(HashAlgorithmName.SHA256, dataKey, KeyBytes, Encoding.UTF8.GetBytes("edgeface gallery " + purpose));

    /// <summary>A text as it is stored: itself, or encrypted bytes.</summary>
    public object Seal(string text, string column, long row) => _aes is null ? text : Seal(Encoding.UTF8.GetBytes(text), column, row);

    public byte[] Seal(byte[] value, string column, long row)
    {
        if (_aes is null) return value;
        var stored = new byte[NonceBytes + value.Length + TagBytes];
        RandomNumberGenerator.Fill(stored.AsSpan(0, NonceBytes));
        _aes.Encrypt(stored.AsSpan(0, NonceBytes), value, stored.AsSpan(NonceBytes, value.Length), stored.AsSpan(NonceBytes + value.Length), Place(column, row));
        return stored;
    }

    /// <exception cref="GalleryException">The value was changed, or belongs elsewhere.</exception>
    public string OpenText(object stored, string column, long row) => stored switch
    {
        string text when _aes is null => text,
        byte[] bytes when _aes is not null => Encoding.UTF8.GetString(Open(bytes, column, row)),
        _ => throw Damaged(column, row),
    };

    /// <exception cref="GalleryException">The value was changed, or belongs elsewhere.</exception>
    public byte[] Open(byte[] stored, string column, long row)
    {
        if (_aes is null) return stored;
        if (stored.Length < NonceBytes + TagBytes) throw Damaged(column, row);
        var value = new byte[stored.Length - NonceBytes - TagBytes];
        try
        {
            _aes.Decrypt(stored.AsSpan(0, NonceBytes), stored.AsSpan(NonceBytes, value.Length), stored.AsSpan(NonceBytes + value.Length), value, Place(column, row));
        }
        catch (AuthenticationTagMismatchException)
        {
            throw Damaged(column, row);
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

    static byte[] Place(string column, long row)
    {
        var place = new byte[sizeof(long) + Encoding.UTF8.GetByteCount(column)];
        BinaryPrimitives.WriteInt64LittleEndian(place, row);
        Encoding.UTF8.GetBytes(column, place.AsSpan(sizeof(long)));
        return place;
    }

    static GalleryException Damaged(string column, long row) => new($"{column} of row {row} cannot be read: it was changed or moved. Restore the gallery from a backup") { Kind = ErrorKind.Input };
}
