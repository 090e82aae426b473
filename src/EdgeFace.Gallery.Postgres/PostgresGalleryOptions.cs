namespace EdgeFace.Gallery.Postgres;

/// <summary>How a <see cref="PostgresGallery"/> is created or opened.</summary>
public sealed record PostgresGalleryOptions
{
    /// <summary>
    /// The schema that holds the gallery's tables: 1 to 63 of a-z, 0-9 and _, not beginning with a digit or <c>pg_</c>. One database
    /// can hold several galleries.
    /// </summary>
    public string Schema { get; init; } = "edgeface";

    /// <summary>The limit of a new gallery, 1 to 1000; an existing one keeps its own.</summary>
    public int MostSamplesPerPerson { get; init; } = 10;

    /// <summary>
    /// Into how many partitions the samples of a new gallery are divided by person, 1 to 64; it cannot be changed later. A partition
    /// can lie on another server.
    /// </summary>
    public int Partitions { get; init; } = 8;

    /// <summary>
    /// Must be null: a gallery in PostgreSQL is not encrypted by EdgeFace, because the server compares the embeddings.
    /// docs/gallery-postgres.md says what to do instead.
    /// </summary>
    public GalleryKey? Key { get; init; }

    /// <summary>
    /// Take candidates from the HNSW index (<see cref="PostgresGallery.CreateHnswIndexAsync"/>) instead of comparing every sample. Scores stay
    /// exact, but people can be missed: <see cref="PostgresGallery.MeasureRecallAsync"/> says how many.
    /// </summary>
    public bool Hnsw { get; init; }

    /// <summary>How many samples of each partition the HNSW index looks at, 1 to 1000; more miss fewer.</summary>
    public int HnswCandidates { get; init; } = 200;
}
