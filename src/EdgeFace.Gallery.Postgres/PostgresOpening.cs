using System.Text.Json;

namespace EdgeFace.Gallery.Postgres;

/// <summary>How a gallery comes to be: looked for, created, brought to the present version.</summary>
static class PostgresOpening
{
    /// <summary>The database before anything of the gallery is known.</summary>
    public static PostgresDatabase Plain(string connection, PostgresGalleryOptions options)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Key is not null)
            throw new GalleryException("a gallery in PostgreSQL is not encrypted by EdgeFace, because the server itself compares the embeddings: "
                + "open it without a key, keep the server's disks encrypted, and keep names out of the gallery by an external key alone "
                + "if they must not be there; galleries in SQLite can be encrypted");
        return new(PostgresConnection.Parse(connection), PostgresConnection.RequireSchema(options.Schema), null);
    }

    /// <summary>What the database says of a gallery, or null.</summary>
    public static Task<GalleryDescription?> Describe(PostgresDatabase database, CancellationToken cancellationToken)
        => database.Read(async session =>
        {
            var vector = await PostgresSchema.RequireServer(session, database.Where).ConfigureAwait(false);
            if (vector is null || !await PostgresSchema.Exists(session, database.Schema).ConfigureAwait(false)) return null;
            return await session.First(
                $"SELECT version, contract, projection, rank, partitions, most_samples, created FROM \"{database.Schema}\".gallery",
                r => new GalleryDescription(r.GetInt32(0), r.GetString(1), r.GetFieldValue<byte[]>(2), r.GetInt32(3), r.GetInt32(4),
                    r.GetInt32(5), r.GetFieldValue<DateTimeOffset>(6), vector)).ConfigureAwait(false)
                ?? throw database.Damaged("its description is missing");
        }, cancellationToken);

    /// <summary>A gallery brought to the present version.</summary>
    /// <returns>What it is, and the contract it is bound to; null if there is none.</returns>
    public static async Task<(GalleryDescription Found, EmbeddingContract Contract)?> Find(
        string connection, EmbeddingContract? contract, PostgresGalleryOptions options, CancellationToken cancellationToken)
    {
        var plain = Plain(connection, options);
        await using (plain.ConfigureAwait(false))
        {
            if (await Describe(plain, cancellationToken).ConfigureAwait(false) is not { } found) return null;
            // A newer version is refused before anything else of it is read.
            await Upgrade(plain, found, PostgresSchema.Steps, cancellationToken).ConfigureAwait(false);
            EmbeddingContract bound;
            try
            {
                bound = JsonSerializer.Deserialize(found.Contract, GalleryJson.Default.EmbeddingContract)!;
            }
            catch (JsonException)
            {
                throw plain.Damaged("its contract cannot be read");
            }
            if (contract is not null && contract != bound) throw new GalleryContractException(plain.Where, bound, contract);
            return (found, bound);
        }
    }

    /// <summary>Makes the tables of a gallery, whole or not at all.</summary>
    /// <exception cref="GalleryException">There is one already.</exception>
    public static async Task Create(string connection, EmbeddingContract contract, EmbeddingSpace space, PostgresGalleryOptions options,
        CancellationToken cancellationToken)
    {
        var database = Plain(connection, options);
        await using (database.ConfigureAwait(false))
        {
            var projection = Projection.Create(space);
            if (!await database.WriteLong(session => Make(session, database, contract, projection, options), cancellationToken)
                .ConfigureAwait(false))
                throw new GalleryException($"{database.Where}: there is a gallery already; open it, or choose another schema");
        }
    }

    /// <summary>Brings the tables of a gallery to the last of <paramref name="steps"/>, which are the present ones but in tests.</summary>
    public static async Task Upgrade(PostgresDatabase database, GalleryDescription found, IReadOnlyList<Func<int, int, string>> steps,
        CancellationToken cancellationToken)
    {
        if (found.Version > steps.Count)
            throw new GalleryException($"{database.Where}: the gallery was written by a newer EdgeFace: its tables have version {found.Version}, "
                + $"this one knows up to {steps.Count}. Use that EdgeFace, or export there and import here") { Kind = ErrorKind.Input };
        if (found.Version == steps.Count) return;
        await database.WriteLong(async session =>
        {
            await PostgresSchema.Lock(session, database.Schema).ConfigureAwait(false);
            await PostgresSchema.Enter(session, database.Schema, found.VectorSchema).ConfigureAwait(false);
            // Another process may have been first.
            var version = (int)(await session.Value("SELECT version FROM gallery").ConfigureAwait(false))!;
            if (version >= steps.Count) return version;
            await PostgresSchema.Upgrade(session, steps, version, found.Rank, found.Partitions).ConfigureAwait(false);
            await session.Execute("UPDATE gallery SET version = $1", steps.Count).ConfigureAwait(false);
            await Ledger.Log(session, "migrate", null, null, FormattableString.Invariant($"from version {version} to {steps.Count}"))
                .ConfigureAwait(false);
            return steps.Count;
        }, cancellationToken).ConfigureAwait(false);
    }

    static async Task<bool> Make(
        PostgresSession session, PostgresDatabase database, EmbeddingContract contract, Projection projection, PostgresGalleryOptions options)
    {
        await PostgresSchema.Lock(session, options.Schema).ConfigureAwait(false);
        var vector = await PostgresSchema.RequireVector(session, database.Where).ConfigureAwait(false);
        if (await PostgresSchema.Exists(session, options.Schema).ConfigureAwait(false)) return false;
        await PostgresSchema.Enter(session, options.Schema, vector).ConfigureAwait(false);
        await PostgresSchema.Upgrade(session, PostgresSchema.Steps, 0, projection.Rank, options.Partitions).ConfigureAwait(false);
        await session.Execute("INSERT INTO gallery (id, version, contract, projection, rank, partitions, most_samples) "
            + "VALUES (1, $1, $2, $3, $4, $5, $6)", PostgresSchema.Version,
            JsonSerializer.Serialize(contract, GalleryJson.Default.EmbeddingContract), projection.ToBytes(), projection.Rank,
            options.Partitions, options.MostSamplesPerPerson).ConfigureAwait(false);
        await Ledger.Log(session, "create", null, null, FormattableString.Invariant($"version {PostgresSchema.Version}")).ConfigureAwait(false);
        return true;
    }
}
