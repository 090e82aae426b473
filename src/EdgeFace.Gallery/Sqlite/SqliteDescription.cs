using System.Security.Cryptography;
using System.Text.Json;
using EdgeFace.Gallery.Search;

namespace EdgeFace.Gallery;

/// <summary>What a gallery's file says of itself, its table <c>meta</c>.</summary>
/// <param name="Id">Random; every gallery has another.</param>
/// <param name="Contract">What it is bound to.</param>
/// <param name="ContractText">The same as it is stored.</param>
/// <param name="MostSamples">The most samples a person may have.</param>
/// <param name="Created">When it was created.</param>
/// <param name="Projection">As it is stored.</param>
/// <param name="Generation">Random; another one whenever the gallery was restored from a backup, and empty before.</param>
/// <param name="WrappedKey">What values are encrypted with, itself encrypted with the owner's key; null if nothing is.</param>
/// <param name="Version">Of its tables.</param>
sealed record SqliteDescription(
    byte[] Id, EmbeddingContract Contract, string ContractText, int MostSamples, DateTimeOffset Created, byte[] Projection,
    byte[] Generation, byte[]? WrappedKey, int Version)
{
    public const int MostSamplesAtAll = 1000;

    const int MostContractCharacters = 1 << 16, MostDimension = 1 << 16, GenerationBytes = 16;

    /// <summary>Who changes what is readable here loses the projection, and with it the gallery.</summary>
    public FieldPlace ProjectionPlace => PlaceOfProjection(ContractText, MostSamples, Created);

    public static FieldPlace PlaceOfProjection(string contract, int mostSamples, DateTimeOffset created)
        => new("projection", 0, 0, FormattableString.Invariant($"{created.ToUnixTimeMilliseconds()}\0{mostSamples}\0{contract}"));

    /// <exception cref="GalleryException">It is incomplete, or holds what it cannot.</exception>
    public static SqliteDescription Read(SqliteDatabase database, int version)
    {
        var text = Value(database, "contract", row => row.Text(1, MostContractCharacters));
        return new(
            Value(database, "id", row => row.Bytes(1, FieldCipher.GalleryIdBytes)),
            ReadContract(database, text),
            text,
            (int)Value(database, "most samples per person", row => row.Integer(1, 1, MostSamplesAtAll)),
            Value(database, "created", row => row.Time(1)),
            Value(database, "projection", row => row.Bytes(1)),
            ReadGeneration(database),
            Values(database, "data key", row => row.Bytes(1)).FirstOrDefault(),
            version);
    }

    /// <summary>What numbers were given to whom may differ from here on: whoever has the gallery open has to open it anew.</summary>
    public static void SetGeneration(SqliteDatabase database) => Set(database, "generation", RandomNumberGenerator.GetBytes(GenerationBytes));

    /// <summary>Whether the file is still of this gallery, and neither another nor restored from a backup.</summary>
    public bool IsStillOf(SqliteDatabase database)
        => Id.AsSpan().SequenceEqual(ReadId(database)) && Generation.AsSpan().SequenceEqual(ReadGeneration(database));

    static byte[] ReadGeneration(SqliteDatabase database)
        => Values(database, "generation", row => row.Bytes(1, GenerationBytes)).FirstOrDefault() ?? [];

    public static byte[] ReadId(SqliteDatabase database) => Value(database, "id", row => row.Bytes(1, FieldCipher.GalleryIdBytes));

    public static string TextOf(EmbeddingContract contract) => JsonSerializer.Serialize(contract, GalleryJson.Default.EmbeddingContract);

    public static void Set(SqliteDatabase database, string name, object value)
        => database.Execute("INSERT INTO meta (name, value) VALUES ($0, $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value);

    /// <summary>The projection, decrypted.</summary>
    public Projection OpenProjection(SqliteDatabase database, FieldCipher cipher)
    {
        var projection = Gallery.Projection.FromBytes(cipher.Open(Projection, ProjectionPlace), Contract.Dimension);
        if (projection.Rank > RowCode.MostRank) throw database.Damaged($"its projection has rank {projection.Rank}, more than {RowCode.MostRank}");
        return projection;
    }

    static EmbeddingContract ReadContract(SqliteDatabase database, string text)
    {
        try
        {
            var contract = JsonSerializer.Deserialize(text, GalleryJson.Default.EmbeddingContract);
            return contract is { Dimension: >= 1 and <= MostDimension } ? contract : throw database.Damaged("its description names no contract");
        }
        catch (JsonException e)
        {
            throw database.Damaged("its description holds a contract that cannot be read", e);
        }
    }

    static T Value<T>(SqliteDatabase database, string name, Func<SqliteRow, T> read)
        => Values(database, name, read) is [var value] ? value : throw database.Damaged($"its description lacks '{name}'");

    static List<T> Values<T>(SqliteDatabase database, string name, Func<SqliteRow, T> read)
        => database.Rows("SELECT name, value FROM meta WHERE name = $0", read, name);
}
