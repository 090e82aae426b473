using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

/// <summary>The rules of galleries in a SQLite file.</summary>
public class SqliteGalleryContractTests : GalleryContractTests
{
    readonly TempFolder _folder = new();

    protected virtual GalleryKey? Key => null;

    protected override IGallery Create(EmbeddingContract contract, EmbeddingSpace space, int mostSamplesPerPerson = 10)
        => SqliteGallery.Create(_folder["people.db"], contract, space, new() { MostSamplesPerPerson = mostSamplesPerPerson, Key = Key });

    protected override IGallery Reopen(EmbeddingContract? contract = null)
        => SqliteGallery.Open(_folder["people.db"], contract, new() { Key = Key });

    public override void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>The same rules hold where names and embeddings are encrypted.</summary>
public sealed class EncryptedSqliteGalleryContractTests : SqliteGalleryContractTests
{
    protected override GalleryKey? Key { get; } = GalleryKey.Generate();
}
