namespace EdgeFace.Gallery.Postgres;

/// <summary>A part of the samples of a <see cref="PostgresGallery"/>: those of the people whose numbers hash to it.</summary>
/// <param name="Number">From 0.</param>
/// <param name="Server">Port, host and database of the server on which it lies, or null for the gallery's own.</param>
public sealed record GalleryPartition(int Number, string? Server);
