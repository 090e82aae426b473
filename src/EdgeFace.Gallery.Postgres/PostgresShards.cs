using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace EdgeFace.Gallery.Postgres;

/// <summary>Where the partitions of the samples lie, and how one is moved to another server.</summary>
sealed class PostgresShards(PostgresDatabase database, Projection projection, string vectorSchema, int partitions)
{
    /// <summary>The tables of the partitions that lie on the gallery's own server.</summary>
    public Task<List<string>> Local(PostgresSession session) => PostgresSchema.LocalPartitions(session, partitions);

    public async Task<IReadOnlyList<GalleryPartition>> All(CancellationToken cancellationToken)
    {
        var found = await database.Read(session => session.Rows("""
            SELECT c.relname, (SELECT string_agg(o.option_value, ' ' ORDER BY o.option_name DESC) FROM pg_options_to_table(s.srvoptions) o
                WHERE o.option_name IN ('host', 'port', 'dbname'))
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid LEFT JOIN pg_foreign_server s ON s.oid = f.ftserver
            WHERE i.inhparent = 'samples'::regclass
            """, r => (Name: r.GetString(0), Server: r.Text(1))), cancellationToken).ConfigureAwait(false);
        return
        [
            .. found.Select(p => new GalleryPartition(
                Enumerable.Range(0, partitions).First(n => PostgresSchema.Partition(n) == p.Name), p.Server)).OrderBy(p => p.Number),
        ];
    }

    public async Task Move(int partition, string connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (partition < 0 || partition >= partitions)
            throw new ArgumentOutOfRangeException(nameof(partition), partition, $"the gallery has partitions 0 to {partitions - 1}");
        var target = PostgresConnection.Parse(connection);
        var table = PostgresSchema.Partition(partition);
        if ((await All(cancellationToken).ConfigureAwait(false))[partition].Server is { } server)
            throw new GalleryException($"{database.Where}: partition {partition} lies on another server already ({server})");
        var other = new PostgresDatabase(target, database.Schema, null);
        await using (other.ConfigureAwait(false))
            await other.WriteLong(session => MakePlace(session, other, table), cancellationToken).ConfigureAwait(false);
        await database.WriteLong(session => Move(session, partition, table, target), cancellationToken).ConfigureAwait(false);
    }

    async Task<int> MakePlace(PostgresSession session, PostgresDatabase other, string table)
    {
        await PostgresSchema.Lock(session, database.Schema).ConfigureAwait(false);
        var vector = await PostgresSchema.RequireVector(session, other.Where).ConfigureAwait(false);
        if (vector != vectorSchema)
            throw new GalleryException($"{other.Where}: pgvector lies in the schema {vector} there and in {vectorSchema} here, "
                + $"so the servers do not understand each other: move it with ALTER EXTENSION vector SET SCHEMA {vectorSchema}");
        await PostgresSchema.Enter(session, database.Schema, vector).ConfigureAwait(false);
        var mark = $"edgeface {Convert.ToHexStringLower(SHA256.HashData(projection.ToBytes()))[..32]}";
        if (await session.Value("SELECT to_regclass($1)::oid", table).ConfigureAwait(false) is not null)
        {
            // Left by an attempt that broke off: the partition is still here.
            if (await session.Value("SELECT obj_description($1::text::regclass, 'pg_class')", table).ConfigureAwait(false) as string == mark)
                return await session.Execute($"TRUNCATE {table}").ConfigureAwait(false);
            throw new GalleryException($"{other.Where}: there is a table {table} of another gallery already. "
                + "Use a database of its own for each gallery, or another schema");
        }
        await session.Execute(PostgresSchema.SampleTable(table, projection.Rank)).ConfigureAwait(false);
        return await session.Execute($"COMMENT ON TABLE {table} IS '{mark}'").ConfigureAwait(false);
    }

    async Task<int> Move(PostgresSession session, int partition, string table, NpgsqlConnectionStringBuilder target)
    {
        await PostgresSchema.Lock(session, database.Schema).ConfigureAwait(false);
        if (!(await Local(session).ConfigureAwait(false)).Contains(table))
            throw new GalleryException($"{database.Where}: partition {partition} has just been moved by another process");
        await session.Execute("CREATE EXTENSION IF NOT EXISTS postgres_fdw").ConfigureAwait(false);
        var server = ServerName(target);
        await session.Execute($"""
            CREATE SERVER IF NOT EXISTS {server} FOREIGN DATA WRAPPER postgres_fdw
            OPTIONS (host {Quoted(target.Host!)}, port '{target.Port}', dbname {Quoted(DatabaseOf(target))}, {SslOption(target)}
                extensions 'vector', async_capable 'true', fetch_size '1000', batch_size '500')
            """).ConfigureAwait(false);
        var password = target.Password is { } secret ? $", password {Quoted(secret)}" : "";
        await session.Execute($"CREATE USER MAPPING IF NOT EXISTS FOR CURRENT_USER SERVER {server} "
            + $"OPTIONS (user {Quoted(target.Username ?? Environment.UserName)}{password})").ConfigureAwait(false);
        await session.Execute("LOCK TABLE persons, samples IN ACCESS EXCLUSIVE MODE").ConfigureAwait(false);
        await session.Execute($"CREATE FOREIGN TABLE {table}_there ({PostgresSchema.SampleColumns(projection.Rank)}) SERVER {server} "
            + $"OPTIONS (schema_name '{database.Schema}', table_name '{table}')").ConfigureAwait(false);
        var copied = await session.Execute($"INSERT INTO {table}_there SELECT * FROM {table}").ConfigureAwait(false);
        await session.Execute($"""
            ALTER TABLE samples DETACH PARTITION {table};
            DROP TABLE {table};
            ALTER FOREIGN TABLE {table}_there RENAME TO {table};
            ALTER TABLE samples ATTACH PARTITION {table} FOR VALUES WITH (MODULUS {partitions}, REMAINDER {partition})
            """).ConfigureAwait(false);
        await Ledger.Log(session, "migrate", null, null,
            FormattableString.Invariant($"partition {partition} to another server, {copied} samples")).ConfigureAwait(false);
        return copied;
    }

    // Partitions on one server share a connection, and so a transaction.
    string ServerName(NpgsqlConnectionStringBuilder target)
    {
        var place = $"{database.Schema} {target.Host} {target.Port} {DatabaseOf(target)}";
        return $"edgeface_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(place)))[..16]}";
    }

    static string DatabaseOf(NpgsqlConnectionStringBuilder target) => target.Database ?? target.Username ?? Environment.UserName;

    static string SslOption(NpgsqlConnectionStringBuilder target) => target.SslMode switch
    {
        SslMode.Disable => "sslmode 'disable', ",
        SslMode.Require => "sslmode 'require', ",
        SslMode.VerifyCA => "sslmode 'verify-ca', ",
        SslMode.VerifyFull => "sslmode 'verify-full', ",
        _ => "",
    };

    static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
