using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace EdgeFace.Gallery.Postgres;

public sealed partial class PostgresGallery
{
    /// <summary>Where the partitions of the samples lie, in the order of their numbers.</summary>
    public IReadOnlyList<GalleryPartition> Partitions() => _database.Read(session => session.Rows("""
        SELECT c.relname, (SELECT string_agg(o.option_value, ' ' ORDER BY o.option_name DESC) FROM pg_options_to_table(s.srvoptions) o WHERE o.option_name IN ('host', 'port', 'dbname'))
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid LEFT JOIN pg_foreign_server s ON s.oid = f.ftserver
        WHERE i.inhparent = 'samples'::regclass
        """, r => (Name: r.GetString(0), Server: Text(r, 1)))
            .ConvertAll(p => new GalleryPartition(Enumerable.Range(0, _partitions).First(n => PostgresSchema.Partition(n) == p.Name), p.Server))
            .OrderBy(p => p.Number).ToList());

    /// <summary>
    /// Moves a partition and its samples to another server, which this one reaches by postgres_fdw from then on. Nobody can use the gallery
    /// meanwhile. If it breaks off, the partition is where it was, and the same call may be repeated. The user needs to be allowed to
    /// create foreign servers here, and schemas there. The password is stored in this server's catalogue (<c>pg_user_mapping</c>), which
    /// its administrators can read.
    /// </summary>
    /// <param name="partition">Number of the partition, from 0.</param>
    /// <param name="connection">The other server's database, in a form as for <see cref="Create"/>, as this gallery's server reaches it.</param>
    /// <exception cref="GalleryException">A server cannot be reached or lacks something, a right is missing, or the partition lies
    /// elsewhere already.</exception>
    public void MovePartition(int partition, string connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (partition < 0 || partition >= _partitions)
            throw new ArgumentOutOfRangeException(nameof(partition), partition, $"the gallery has partitions 0 to {_partitions - 1}");
        var target = PostgresConnection.Parse(connection);
        var table = PostgresSchema.Partition(partition);
        if (Partitions()[partition].Server is { } server)
            throw new GalleryException($"{_database.Where}: partition {partition} lies on another server already ({server})");
        using (var other = new PostgresDatabase(target, _database.Schema, null)) other.WriteLong(session => MakePlace(session, other, table));
        _database.WriteLong(session => Move(session, partition, table, target));
    }

    int MakePlace(PostgresSession session, PostgresDatabase other, string table)
    {
        PostgresSchema.Lock(session, _database.Schema);
        var vector = PostgresSchema.RequireVector(session, other.Where);
        if (vector != _vectorSchema)
            throw new GalleryException($"{other.Where}: pgvector lies in the schema {vector} there and in {_vectorSchema} here, "
                + $"so the servers do not understand each other: move it with ALTER EXTENSION vector SET SCHEMA {_vectorSchema}");
        if (session.Value("SELECT 1 FROM pg_namespace WHERE nspname = $1", _database.Schema) is null)
            session.Execute($"CREATE SCHEMA \"{_database.Schema}\"");
        SetPath(session, _database.Schema, vector);
        var mark = $"edgeface {Convert.ToHexStringLower(SHA256.HashData(_projection.ToBytes()))[..32]}";
        if (session.Value("SELECT to_regclass($1)::oid", table) is not null)
        {
            // Left by an attempt that broke off: the partition is still here.
            if (session.Value("SELECT obj_description($1::text::regclass, 'pg_class')", table) as string == mark)
                return session.Execute($"TRUNCATE {table}");
            throw new GalleryException($"{other.Where}: there is a table {table} of another gallery already. "
                + "Use a database of its own for each gallery, or another schema");
        }
        session.Execute(PostgresSchema.SampleTable(table, _projection.Rank));
        return session.Execute($"COMMENT ON TABLE {table} IS '{mark}'");
    }

    int Move(PostgresSession session, int partition, string table, NpgsqlConnectionStringBuilder target)
    {
        PostgresSchema.Lock(session, _database.Schema);
        if (LocalPartitions(session).Contains(table) is false)
            throw new GalleryException($"{_database.Where}: partition {partition} has just been moved by another process");
        session.Execute("CREATE EXTENSION IF NOT EXISTS postgres_fdw");
        var server = ServerName(target);
        session.Execute($"""
            CREATE SERVER IF NOT EXISTS {server} FOREIGN DATA WRAPPER postgres_fdw
            OPTIONS (host {Quoted(target.Host!)}, port '{target.Port}', dbname {Quoted(DatabaseOf(target))}, {SslOption(target)}extensions 'vector', async_capable 'true', fetch_size '1000', batch_size '500')
            """);
        var password = target.Password is { } secret ? $", password {Quoted(secret)}" : "";
        session.Execute($"CREATE USER MAPPING IF NOT EXISTS FOR CURRENT_USER SERVER {server} "
            + $"OPTIONS (user {Quoted(target.Username ?? Environment.UserName)}{password})");
        session.Execute("LOCK TABLE persons, samples IN ACCESS EXCLUSIVE MODE");
        session.Execute($"CREATE FOREIGN TABLE {table}_there ({PostgresSchema.SampleColumns(_projection.Rank)}) SERVER {server} "
            + $"OPTIONS (schema_name '{_database.Schema}', table_name '{table}')");
        var copied = session.Execute($"INSERT INTO {table}_there SELECT * FROM {table}");
        session.Execute($"""
            ALTER TABLE samples DETACH PARTITION {table};
            DROP TABLE {table};
            ALTER FOREIGN TABLE {table}_there RENAME TO {table};
            ALTER TABLE samples ATTACH PARTITION {table} FOR VALUES WITH (MODULUS {_partitions}, REMAINDER {partition})
            """);
        Log(session, "migrate", null, null, FormattableString.Invariant($"partition {partition} to another server, {copied} samples"));
        return copied;
    }

    // Partitions on one server share a connection, and so a transaction.
    string ServerName(NpgsqlConnectionStringBuilder target)
    {
        var place = $"{_database.Schema} {target.Host} {target.Port} {DatabaseOf(target)}";
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
