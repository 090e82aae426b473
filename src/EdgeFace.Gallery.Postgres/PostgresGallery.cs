using System.Text.Json;

namespace EdgeFace.Gallery.Postgres;

/// <summary>
/// A gallery in PostgreSQL with pgvector, for when one machine is too small: many processes use it at once, and its samples
/// can lie on several servers.
/// </summary>
public sealed partial class PostgresGallery : IGallery
{
    readonly PostgresDatabase _database;
    readonly Projection _projection;
    readonly string _vectorSchema;
    readonly int _mostSamples, _partitions, _hnswCandidates;
    readonly DateTimeOffset _created;

    PostgresGallery(PostgresDatabase database, Description found, EmbeddingContract contract, PostgresGalleryOptions options)
    {
        (_database, Contract) = (database, contract);
        _projection = Projection.FromBytes(found.Projection, contract.Dimension);
        (_vectorSchema, _mostSamples, _partitions, _created) = (found.VectorSchema, found.MostSamples, found.Partitions, found.Created);
        _hnswCandidates = options.HnswCandidates;
        UsesHnsw = options.Hnsw;
        if (_projection.Rank != found.Rank) throw database.Damaged($"its projection has rank {_projection.Rank}, its tables {found.Rank}");
    }

    /// <inheritdoc/>
    public EmbeddingContract Contract { get; }

    /// <summary>Whether searches take their candidates from the HNSW index.</summary>
    public bool UsesHnsw { get; }

    /// <inheritdoc/>
    public GalleryInfo Info => _database.Read(s => s.Rows(
        "SELECT sum(persons)::bigint, sum(samples)::bigint, sum(crops)::bigint, (SELECT version FROM gallery) FROM counts",
        r => new GalleryInfo("postgresql", Contract, _projection.Rank, r.GetInt64(0), r.GetInt64(1), r.GetInt64(2),
            _mostSamples, r.GetInt32(3), false, _created))[0]);

    /// <summary>The gallery's jobs: enrolments that workers do.</summary>
    /// <param name="mostAttempts">A job that was taken so often without being completed is dead; 1 or more.</param>
    public EnrolJobs Jobs(int mostAttempts = 3)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mostAttempts, 1);
        return new(this, _database, mostAttempts);
    }

    /// <summary>
    /// Whether a text names a gallery in PostgreSQL and not a file: <c>postgres://...</c>, or a list of options with <c>Host=</c>.
    /// </summary>
    public static bool IsConnection(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return PostgresConnection.IsConnection(text);
    }

    /// <summary>Whether there is a gallery.</summary>
    /// <exception cref="GalleryException">The server cannot be reached.</exception>
    public static bool Exists(string connection, PostgresGalleryOptions options)
    {
        using var database = Plain(connection, options);
        return Describe(database) is not null;
    }

    /// <summary>
    /// Creates a gallery: a schema with its tables, whole or not at all. Installs pgvector into the database if it is
    /// missing there and the user may.
    /// </summary>
    /// <param name="connection">Where, in the form <c>Host=...;Database=...;Username=...;Password=...</c> or
    /// <c>postgres://user:password@host:port/database</c>.</param>
    /// <param name="contract">What it is bound to for ever.</param>
    /// <param name="space">The space of the recogniser's head, <see cref="EmbeddingSpace.Of"/>.</param>
    /// <param name="options">Schema, limit and partitions.</param>
    /// <exception cref="GalleryException">It exists, or the server cannot be reached or cannot hold it.</exception>
    public static PostgresGallery Create(string connection, EmbeddingContract contract, EmbeddingSpace space, PostgresGalleryOptions options)
    {
        ArgumentNullException.ThrowIfNull(contract);
        ArgumentNullException.ThrowIfNull(space);
        if (contract.Dimension != space.Dimension)
            throw new ArgumentException(
                $"the space has {space.Dimension} dimensions, embeddings of '{contract.Model}' have {contract.Dimension}", nameof(space));
        if (options.MostSamplesPerPerson is < 1 or > 1000)
            throw new ArgumentOutOfRangeException(nameof(options), options.MostSamplesPerPerson, "a person may have 1 to 1000 samples");
        if (options.Partitions is < 1 or > 64)
            throw new ArgumentOutOfRangeException(nameof(options), options.Partitions, "samples can be divided into 1 to 64 partitions");
        using (var database = Plain(connection, options))
        {
            var projection = Projection.Create(space);
            if (!database.WriteLong(session => Make(session, database, contract, projection, options)))
                throw new GalleryException($"{database.Where}: there is a gallery already; open it, or choose another schema");
        }
        return Open(connection, contract, options);
    }

    /// <summary>Opens a gallery.</summary>
    /// <param name="connection">Where, as for <see cref="Create"/>.</param>
    /// <param name="contract">What it must be bound to; null accepts any.</param>
    /// <param name="options">Its schema, and how to search.</param>
    /// <exception cref="GalleryContractException">It is bound to another contract.</exception>
    /// <exception cref="GalleryException">The server cannot be reached, there is no such gallery, or it is damaged or of a newer version.
    /// Nothing was changed.</exception>
    public static PostgresGallery Open(string connection, EmbeddingContract? contract, PostgresGalleryOptions options)
        => TryOpen(connection, contract, options) ?? throw new GalleryException(
            $"{PostgresConnection.Parse(connection).Host}: there is no gallery in the schema {options.Schema} of the database; "
            + "create it, or name its schema");

    /// <summary>Opens a gallery, or creates it if its schema holds none.</summary>
    /// <exception cref="GalleryContractException">It is bound to another contract.</exception>
    /// <exception cref="GalleryException">As for opening and creating.</exception>
    public static PostgresGallery OpenOrCreate(string connection, EmbeddingContract contract, EmbeddingSpace space, PostgresGalleryOptions options)
        => OpenOrCreate(connection, contract, space, options, out _);

    /// <summary>As <see cref="OpenOrCreate(string, EmbeddingContract, EmbeddingSpace, PostgresGalleryOptions)"/>.</summary>
    /// <param name="connection">Where, as for <see cref="Create"/>.</param>
    /// <param name="contract">What it is, or will be, bound to.</param>
    /// <param name="space">Of a new gallery.</param>
    /// <param name="options">Its schema, and what a new gallery is to be like.</param>
    /// <param name="created">Whether this call created it: of several processes at once, one did.</param>
    /// <exception cref="GalleryContractException">It is bound to another contract.</exception>
    /// <exception cref="GalleryException">As for opening and creating.</exception>
    public static PostgresGallery OpenOrCreate(
        string connection, EmbeddingContract contract, EmbeddingSpace space, PostgresGalleryOptions options, out bool created)
    {
        created = false;
        if (TryOpen(connection, contract, options) is { } gallery) return gallery;
        try
        {
            var first = Create(connection, contract, space, options);
            created = true;
            return first;
        }
        catch (GalleryException)
        {
            // Another process may have been first.
            if (TryOpen(connection, contract, options) is { } made) return made;
            throw;
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _database.Dispose();

    /// <summary>Brings the tables of a gallery to the last of <paramref name="steps"/>, which are the present ones but in tests.</summary>
    internal static void Upgrade(PostgresDatabase database, Description found, IReadOnlyList<Func<int, int, string>> steps)
    {
        if (found.Version > steps.Count)
            throw new GalleryException($"{database.Where}: the gallery was written by a newer EdgeFace: its tables have version {found.Version}, "
                + $"this one knows up to {steps.Count}. Use that EdgeFace, or export there and import here") { Kind = ErrorKind.Input };
        if (found.Version == steps.Count) return;
        database.WriteLong(session =>
        {
            PostgresSchema.Lock(session, database.Schema);
            SetPath(session, database.Schema, found.VectorSchema);
            var version = (int)session.Value("SELECT version FROM gallery")!; // another process may have been first
            if (version >= steps.Count) return version;
            PostgresSchema.Upgrade(session, steps, version, found.Rank, found.Partitions);
            session.Execute("UPDATE gallery SET version = $1", steps.Count);
            Log(session, "migrate", null, null, FormattableString.Invariant($"from version {version} to {steps.Count}"));
            return steps.Count;
        });
    }

    internal static PostgresDatabase Plain(string connection, PostgresGalleryOptions options)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (options.Key is not null)
            throw new GalleryException("a gallery in PostgreSQL is not encrypted by EdgeFace, because the server itself compares the embeddings: "
                + "open it without a key, keep the server's disks encrypted, and keep names out of the gallery by an external key alone "
                + "if they must not be there; galleries in SQLite can be encrypted");
        return new(PostgresConnection.Parse(connection), PostgresConnection.RequireSchema(options.Schema), null);
    }

    /// <summary>What the database says of a gallery, or null.</summary>
    internal static Description? Describe(PostgresDatabase database) => database.Read(session =>
    {
        if (PostgresSchema.RequireServer(session, database.Where) is not { } vector || !PostgresSchema.Exists(session, database.Schema)) return null;
        var described = session.Rows(
            $"SELECT version, contract, projection, rank, partitions, most_samples, created FROM \"{database.Schema}\".gallery",
            r => new Description(r.GetInt32(0), r.GetString(1), r.GetFieldValue<byte[]>(2), r.GetInt32(3), r.GetInt32(4), r.GetInt32(5),
                r.GetFieldValue<DateTimeOffset>(6), vector));
        return described is [var found] ? found : throw database.Damaged("its description is missing");
    });

    static PostgresGallery? TryOpen(string connection, EmbeddingContract? contract, PostgresGalleryOptions options)
    {
        if (options.HnswCandidates is < 1 or > 1000)
            throw new ArgumentOutOfRangeException(nameof(options), options.HnswCandidates, "an HNSW index can look at 1 to 1000 candidates");
        Description found;
        EmbeddingContract bound;
        using (var plain = Plain(connection, options))
        {
            if (Describe(plain) is not { } described) return null;
            found = described;
            // A newer version is refused before anything else of it is read.
            Upgrade(plain, found, PostgresSchema.Steps);
            try
            {
                bound = JsonSerializer.Deserialize(found.Contract, GalleryJson.Default.EmbeddingContract)!;
            }
            catch (JsonException)
            {
                throw plain.Damaged("its contract cannot be read");
            }
            if (contract is not null && contract != bound) throw new GalleryContractException(plain.Where, bound, contract);
        }
        var database = new PostgresDatabase(PostgresConnection.Parse(connection), options.Schema, found.VectorSchema);
        try
        {
            var gallery = new PostgresGallery(database, found, bound, options);
            if (options.Hnsw) gallery.RequireHnswIndex();
            return gallery;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    static bool Make(
        PostgresSession session, PostgresDatabase database, EmbeddingContract contract, Projection projection, PostgresGalleryOptions options)
    {
        PostgresSchema.Lock(session, options.Schema);
        var vector = PostgresSchema.RequireVector(session, database.Where);
        if (PostgresSchema.Exists(session, options.Schema)) return false;
        if (session.Value("SELECT 1 FROM pg_namespace WHERE nspname = $1", options.Schema) is null)
            session.Execute($"CREATE SCHEMA \"{options.Schema}\"");
        SetPath(session, options.Schema, vector);
        PostgresSchema.Upgrade(session, PostgresSchema.Steps, 0, projection.Rank, options.Partitions);
        session.Execute("INSERT INTO gallery (id, version, contract, projection, rank, partitions, most_samples) "
            + "VALUES (1, $1, $2, $3, $4, $5, $6)", PostgresSchema.Version,
            JsonSerializer.Serialize(contract, GalleryJson.Default.EmbeddingContract), projection.ToBytes(), projection.Rank,
            options.Partitions, options.MostSamplesPerPerson);
        Log(session, "create", null, null, FormattableString.Invariant($"version {PostgresSchema.Version}"));
        return true;
    }

    static void SetPath(PostgresSession session, string schema, string vectorSchema)
        => session.Execute($"SET LOCAL search_path = \"{schema}\", \"{vectorSchema}\"");

    static void Log(PostgresSession session, string action, long? person, long? sample, string? detail = null)
        => session.Execute("INSERT INTO audit (action, person_id, sample_id, detail) VALUES ($1, $2, $3, $4)", action, person, sample, detail);

    /// <summary>The last statement of a transaction, because others wait for the row.</summary>
    static void Count(PostgresSession session, int persons, int samples, int crops)
        => session.Execute("UPDATE counts SET persons = persons + $1, samples = samples + $2, crops = crops + $3 WHERE slot = $4",
            persons, samples, crops, Random.Shared.Next(PostgresSchema.CountSlots));

    internal sealed record Description(int Version, string Contract, byte[] Projection, int Rank, int Partitions, int MostSamples,
        DateTimeOffset Created, string VectorSchema);
}
