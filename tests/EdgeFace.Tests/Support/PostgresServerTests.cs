using System.Globalization;
using Npgsql;
using Pgvector;

namespace EdgeFace.Tests.Support;

/// <summary>The server the tests bring does what a gallery needs of it.</summary>
public sealed class PostgresServerTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    [Fact]
    public async Task Orders_half_vectors_by_inner_product()
    {
        await using var database = await Open(server.NewDatabase(),
            "CREATE EXTENSION vector; CREATE TABLE sample (id int PRIMARY KEY, embedding halfvec(3) NOT NULL)");
        await Insert(database, 1, [0, 1, 0]);
        await Insert(database, 2, [0.75f, 0.5f, 0]);
        await Insert(database, 3, [1, 0, -0.25f]);
        Assert.Equal("3 1.00, 2 0.75, 1 0.00", await Nearest(database, [1, 0, 0]));
    }

    [Fact]
    public async Task Two_servers_are_joined_and_one_can_die()
    {
        const string Table = "CREATE EXTENSION vector; CREATE TABLE local_sample (id int PRIMARY KEY, embedding halfvec(3) NOT NULL)";
        using var other = new PostgresServer();
        var shard = new NpgsqlConnectionStringBuilder(other.NewDatabase());
        await using (await Open(shard.ConnectionString, Table + "; INSERT INTO local_sample VALUES (2, '[1,0,0]')")) { }
        await using var database = await Open(server.NewDatabase(), Table + $"""
            ; INSERT INTO local_sample VALUES (1, '[0.5,0.5,0]');
            CREATE EXTENSION postgres_fdw;
            CREATE SERVER shard FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{shard.Host}', port '{shard.Port}', dbname '{shard.Database}', extensions 'vector');
            CREATE USER MAPPING FOR postgres SERVER shard OPTIONS (user '{shard.Username}');
            CREATE FOREIGN TABLE remote_sample (id int NOT NULL, embedding halfvec(3) NOT NULL) SERVER shard OPTIONS (table_name 'local_sample');
            CREATE VIEW sample AS SELECT * FROM local_sample UNION ALL SELECT * FROM remote_sample
            """);
        Assert.Equal("2 1.00, 1 0.50", await Nearest(database, [1, 0, 0]));

        other.Kill();
        await Assert.ThrowsAsync<PostgresException>(() => Nearest(database, [1, 0, 0]));
        other.Start();
        Assert.Equal("2 1.00, 1 0.50", await Nearest(database, [1, 0, 0]));
    }

    static async Task<NpgsqlDataSource> Open(string connection, string schema)
    {
        var builder = new NpgsqlDataSourceBuilder(connection);
        builder.UseVector();
        var database = builder.Build();
        await using var open = await database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var create = new NpgsqlCommand(schema, open);
        await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await open.ReloadTypesAsync(TestContext.Current.CancellationToken); // the extension came after the connection
        return database;
    }

    static async Task Insert(NpgsqlDataSource database, int id, float[] embedding)
    {
        await using var insert = database.CreateCommand("INSERT INTO sample VALUES ($1, $2)");
        insert.Parameters.AddWithValue(id);
        insert.Parameters.AddWithValue(Half(embedding));
        await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    static async Task<string> Nearest(NpgsqlDataSource database, float[] probe)
    {
        await using var search = database.CreateCommand("SELECT id, -(embedding <#> $1) FROM sample ORDER BY embedding <#> $1");
        search.Parameters.AddWithValue(Half(probe));
        await using var rows = await search.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        List<string> found = [];
        while (await rows.ReadAsync(TestContext.Current.CancellationToken))
            found.Add(string.Create(CultureInfo.InvariantCulture, $"{rows.GetInt32(0)} {rows.GetDouble(1):F2}"));
        return string.Join(", ", found);
    }

    static HalfVector Half(float[] values) => new(Array.ConvertAll(values, static v => (Half)v));
}
