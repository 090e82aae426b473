namespace EdgeFace.Gallery.Postgres;

/// <summary>What the tables say of a gallery.</summary>
/// <param name="Version">Of the tables.</param>
/// <param name="Contract">As JSON.</param>
/// <param name="Projection">The bytes of its <see cref="Gallery.Projection"/>.</param>
/// <param name="VectorSchema">Where pgvector lies.</param>
sealed record GalleryDescription(
    int Version, string Contract, byte[] Projection, int Rank, int Partitions, int MostSamples, DateTimeOffset Created, string VectorSchema);
