using System.Globalization;

namespace EdgeFace.Gallery.Postgres;

/// <summary>The tables of a gallery in PostgreSQL and how older ones become the present ones.</summary>
static class PostgresSchema
{
    public const int OldestServer = 17;

    /// <summary>Rows over which the counts are spread, so that transactions at once seldom wait for each other.</summary>
    public const int CountSlots = 16;

    static readonly Version OldestVector = new(0, 7);

    /// <summary>
    /// Step i makes version i + 1 of version i, from the rank and the number of partitions. A step that was released is never changed.
    /// </summary>
    public static IReadOnlyList<Func<int, int, string>> Steps { get; } = [First, NamesInForm, Merges];

    public static int Version => Steps.Count;

    /// <summary>
    /// The table of one partition's samples, the same on every server. It is not made by PARTITION OF because partitions on other servers forbid
    /// unique indexes of the whole.
    /// </summary>
    public static string SampleTable(string table, int rank) => FormattableString.Invariant($"""
        CREATE TABLE {table} (id bigint NOT NULL, person_id bigint NOT NULL, created timestamptz NOT NULL, embedding halfvec({rank}) NOT NULL,
            face_width float8, detector_score float8, sharpness float8, yaw float8, pitch float8, roll float8,
            source text, source_sha256 bytea, crop bytea, PRIMARY KEY (id));
        CREATE INDEX ON {table} (person_id);
        CREATE INDEX ON {table} (source_sha256) WHERE source_sha256 IS NOT NULL;
        ALTER TABLE {table} ALTER crop SET STORAGE EXTERNAL;
        """);

    /// <summary>Columns of a partition that lies on another server: neither keys nor indexes.</summary>
    public static string SampleColumns(int rank) => FormattableString.Invariant($"""
        id bigint NOT NULL, person_id bigint NOT NULL, created timestamptz NOT NULL, embedding halfvec({rank}) NOT NULL,
        face_width float8, detector_score float8, sharpness float8, yaw float8, pitch float8, roll float8,
        source text, source_sha256 bytea, crop bytea
        """);

    public static string Partition(int number) => FormattableString.Invariant($"samples_p{number}");

    /// <summary>Refuses a server or database that cannot hold a gallery, and finds pgvector.</summary>
    /// <returns>The schema of pgvector, or null if the database does not have it.</returns>
    public static async Task<string?> RequireServer(PostgresSession session, string where)
    {
        var number = (string)(await session.Value("SELECT current_setting('server_version_num')").ConfigureAwait(false))!;
        var server = int.Parse(number, CultureInfo.InvariantCulture);
        if (server < OldestServer * 10000)
            throw new GalleryException($"{where}: the server is PostgreSQL {server / 10000}, a gallery needs {OldestServer} or newer")
            {
                Kind = ErrorKind.Machine,
            };
        var encoding = (string)(await session.Value("SELECT current_setting('server_encoding')").ConfigureAwait(false))!;
        if (encoding != "UTF8")
            throw new GalleryException($"{where}: the database stores text as {encoding}, which cannot hold every name. "
                + "Create one with ENCODING 'UTF8'") { Kind = ErrorKind.Machine };
        var extensions = await session.Rows(
            "SELECT e.extversion, n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'",
            r => (Version: r.GetString(0), Schema: r.GetString(1))).ConfigureAwait(false);
        if (extensions is not [var vector]) return null;
        if (!System.Version.TryParse(vector.Version, out var version) || version < OldestVector)
            throw new GalleryException($"{where}: the database has pgvector {vector.Version}, a gallery needs {OldestVector} or newer. "
                + "Install it on the server, then run ALTER EXTENSION vector UPDATE") { Kind = ErrorKind.Machine };
        return vector.Schema;
    }

    /// <summary>Installs pgvector into the database where it is missing.</summary>
    /// <returns>Its schema.</returns>
    public static async Task<string> RequireVector(PostgresSession session, string where)
    {
        if (await RequireServer(session, where).ConfigureAwait(false) is { } installed) return installed;
        if (await session.Value("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'").ConfigureAwait(false) is null)
            throw new GalleryException($"{where}: the server has no pgvector. "
                + $"Install it there (Debian: postgresql-{OldestServer}-pgvector)") { Kind = ErrorKind.Machine };
        if (await session.Value("SELECT has_database_privilege(current_database(), 'CREATE')").ConfigureAwait(false) is false)
            throw new GalleryException($"{where}: the database lacks pgvector, and this user may not install it. "
                + "Have an administrator run CREATE EXTENSION vector in it") { Kind = ErrorKind.Machine };
        await session.Execute("CREATE EXTENSION IF NOT EXISTS vector").ConfigureAwait(false);
        return (await RequireServer(session, where).ConfigureAwait(false))!;
    }

    /// <summary>One process at a time creates or changes tables of a gallery; lasts until the end of the transaction.</summary>
    public static Task Lock(PostgresSession session, string schema)
        => session.Execute("SELECT pg_advisory_xact_lock(hashtextextended('edgeface ' || $1, 0))", schema);

    public static async Task<bool> Exists(PostgresSession session, string schema)
        => await session.Value("SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            + "WHERE n.nspname = $1 AND c.relname = 'gallery'", schema).ConfigureAwait(false) is not null;

    /// <summary>Makes the schema where it is missing, and tables without a schema's name mean it until the end of the transaction.</summary>
    public static async Task Enter(PostgresSession session, string schema, string vectorSchema)
    {
        if (await session.Value("SELECT 1 FROM pg_namespace WHERE nspname = $1", schema).ConfigureAwait(false) is null)
            await session.Execute($"CREATE SCHEMA \"{schema}\"").ConfigureAwait(false);
        await session.Execute($"SET LOCAL search_path = \"{schema}\", \"{vectorSchema}\"").ConfigureAwait(false);
    }

    /// <summary>The tables of those of so many partitions that lie on this server.</summary>
    public static Task<List<string>> LocalPartitions(PostgresSession session, int partitions) => session.Rows(
        "SELECT name FROM unnest($1::text[]) WITH ORDINALITY AS one (name, number) "
            + "JOIN pg_class ON oid = name::regclass WHERE relkind = 'r' ORDER BY number",
        r => r.GetString(0), (object)Enumerable.Range(0, partitions).Select(Partition).ToArray());

    /// <summary>Brings the tables from a version to the last of <paramref name="steps"/>.</summary>
    public static async Task Upgrade(
        PostgresSession session, IReadOnlyList<Func<int, int, string>> steps, int version, int rank, int partitions)
    {
        for (var i = version; i < steps.Count; i++) await session.Execute(steps[i](rank, partitions)).ConfigureAwait(false);
    }

    static string First(int rank, int partitions) => FormattableString.Invariant($"""
        CREATE TABLE gallery (id int PRIMARY KEY CHECK (id = 1), version int NOT NULL, contract text NOT NULL, projection bytea NOT NULL, rank int NOT NULL, partitions int NOT NULL,
            most_samples int NOT NULL, created timestamptz NOT NULL DEFAULT now());
        CREATE TABLE counts (slot int PRIMARY KEY, persons bigint NOT NULL DEFAULT 0, samples bigint NOT NULL DEFAULT 0, crops bigint NOT NULL DEFAULT 0) WITH (fillfactor = 50);
        INSERT INTO counts (slot) SELECT generate_series(0, {CountSlots - 1});

        CREATE TABLE persons (id bigint PRIMARY KEY, created timestamptz NOT NULL, name text COLLATE "C" NOT NULL, external_key text COLLATE "C" UNIQUE, metadata json,
            samples int NOT NULL DEFAULT 0) WITH (fillfactor = 80);
        CREATE INDEX ON persons (name);
        CREATE SEQUENCE person_ids OWNED BY persons.id;

        CREATE TABLE samples ({SampleColumns(rank)}) PARTITION BY HASH (person_id);
        CREATE SEQUENCE sample_ids OWNED BY samples.id;
        {string.Join('\n', Enumerable.Range(0, partitions).Select(p => FormattableString.Invariant($"""
            {SampleTable(Partition(p), rank)}
            ALTER TABLE {Partition(p)} ADD FOREIGN KEY (person_id) REFERENCES persons;
            ALTER TABLE samples ATTACH PARTITION {Partition(p)} FOR VALUES WITH (MODULUS {partitions}, REMAINDER {p});
            """)))}

        CREATE TABLE audit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), action text NOT NULL, person_id bigint, sample_id bigint, detail text);

        CREATE TABLE jobs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, external_key text COLLATE "C" NOT NULL, name text NOT NULL, metadata json, source text NOT NULL,
            source_key bytea NOT NULL, state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'taken', 'done', 'dead')), attempts int NOT NULL DEFAULT 0,
            worker text, lease_until timestamptz, error text, UNIQUE (external_key, source_key));
        CREATE INDEX ON jobs (id) WHERE state = 'waiting';
        CREATE INDEX ON jobs (lease_until) WHERE state = 'taken';
        CREATE INDEX ON jobs (state);
        """);

    /// <summary>
    /// Names as <see cref="NameForm"/> makes them: those of older galleries were stored as they came. The white space is that of <see
    /// cref="char.IsWhiteSpace(char)"/>.
    /// </summary>
    static string NamesInForm(int rank, int partitions)
    {
        const string Form = @"normalize(btrim(regexp_replace(name, "
            + @"'[\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+', ' ', 'g')), NFC)";
        return $"UPDATE persons SET name = {Form} WHERE name <> {Form}";
    }

    /// <summary>
    /// Who was merged into another is shown by nothing; what was moved is what undoing that moves back. No key over all samples can be referred
    /// to, so whoever deletes a sample deletes its moves.
    /// </summary>
    static string Merges(int rank, int partitions) => """
        ALTER TABLE persons ADD COLUMN merged_into bigint REFERENCES persons;
        CREATE INDEX ON persons (merged_into) WHERE merged_into IS NOT NULL;
        CREATE TABLE moves (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person_id bigint NOT NULL REFERENCES persons ON DELETE CASCADE, sample_id bigint NOT NULL);
        CREATE INDEX ON moves (person_id);
        CREATE INDEX ON moves (sample_id);
        """;
}
