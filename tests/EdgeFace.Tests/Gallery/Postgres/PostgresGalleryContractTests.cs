using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery.Postgres;

/// <summary>The rules of galleries in PostgreSQL.</summary>
public class PostgresGalleryContractTests(PostgresServer server) : GalleryContractTests, IClassFixture<PostgresServer>
{
    string? _database;

    string Database => _database ??= server.NewDatabase();

    protected override IGallery Create(EmbeddingContract contract, EmbeddingSpace space, int mostSamplesPerPerson = 10)
        => PostgresGallery.Create(Database, contract, space, new() { MostSamplesPerPerson = mostSamplesPerPerson });

    protected override IGallery Reopen(EmbeddingContract? contract = null) => PostgresGallery.Open(Database, contract, new());

    public override void Dispose() => GC.SuppressFinalize(this);
}
