using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;
using EdgeFace.Tests.Support;
using Npgsql;
using static EdgeFace.Tests.Gallery.Postgres.PostgresDatabaseTools;

namespace EdgeFace.Tests.Gallery.Postgres;

/// <summary>What is PostgreSQL's own: schemas, versions, rights, several processes.</summary>
public sealed class PostgresGalleryTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_galleries_lie_in_one_database()
    {
        var database = server.NewDatabase();
        Assert.False(PostgresGallery.Exists(database, new() { Schema = "staff" }));
        using var staff = NewGallery(database, new() { Schema = "staff" });
        Assert.True(PostgresGallery.Exists(database, new() { Schema = "staff" }));
        Assert.False(PostgresGallery.Exists(database, new()));
        using var guests = NewGallery(database, new() { Schema = "order", Partitions = 1 }); // a reserved word
        staff.Enrol(new("Ann"), [new(KnownPeople.Photo(1, 1))]);
        Assert.Equal((1L, 0L), (staff.Info.Persons, guests.Info.Persons));
        Assert.Equal((8, 1), ((await staff.PartitionsAsync(Cancel)).Count, (await guests.PartitionsAsync(Cancel)).Count));
        Assert.Empty(guests.Search([KnownPeople.Photo(1, 1)], 1)[0]);
        Assert.Contains("there is a gallery already",
            Assert.Throws<GalleryException>(() => NewGallery(database, new() { Schema = "staff" })).Message, StringComparison.Ordinal);
        Assert.Contains("no gallery in the schema edgeface",
            Assert.Throws<GalleryException>(() => PostgresGallery.Open(database, null, new())).Message, StringComparison.Ordinal);
        foreach (var name in new[] { "", "1a", "A", "a\"b", "a;b", "pg_x", new string('a', 64), "a\n" })
            Assert.Contains("no name for a gallery's schema",
                Assert.Throws<GalleryException>(() => NewGallery(database, new() { Schema = name })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_that_create_at_once_get_one_gallery()
    {
        var database = server.NewDatabase();
        var ids = new long[6];
        var created = new bool[6];
        Parallel.For(0, ids.Length, i =>
        {
            using var gallery = PostgresGallery.OpenOrCreate(database, KnownPeople.Contract, KnownPeople.Space, new(), out created[i]);
            ids[i] = gallery.Enrol(new("Ann") { ExternalKey = "a" }, [new(KnownPeople.Photo(1, i))])[0].Person.Id;
        });
        using var again = PostgresGallery.Open(database, KnownPeople.Contract, new());
        Assert.Single(ids.Distinct());
        Assert.Single(created, c => c);
        Assert.Single(again.Audit(), a => a.Action == "create");
        var check = again.Check();
        Assert.Empty(check.Problems);
        Assert.Equal((1L, 6L), (check.Persons, check.Samples));
    }

    [Fact]
    public void Older_names_are_brought_into_form_and_found()
    {
        var database = server.NewDatabase();
        using (var gallery = NewGallery(database)) gallery.AddPerson(new("Ann"));
        var spaces = string.Concat(Enumerable.Range(0, 0x10000).Select(c => (char)c).Where(char.IsWhiteSpace));
        using (var source = Npgsql.NpgsqlDataSource.Create(database))
        using (var command = source.CreateCommand(PostgresMergeTests.Former(1)))
        {
            command.ExecuteNonQuery();
            command.CommandText = "UPDATE edgeface.persons SET name = $1";
            command.Parameters.Add(new() { Value = $" Zoe\u0308{spaces}\u1112\u1161\u11ab\u1100\u1173\u11af " });
            command.ExecuteNonQuery();
        }
        using var again = PostgresGallery.Open(database, null, new());
        Assert.Equal("Zo\u00eb \ud55c\uae00", Assert.Single(again.PersonsNamed("Zoe\u0308 \ud55c\uae00")).Name);
        Assert.Equal(PostgresSchema.Version, again.Info.SchemaVersion);
    }

    [Fact]
    public async Task Older_tables_are_migrated_once_and_newer_ones_refused()
    {
        var database = server.NewDatabase();
        using (var gallery = NewGallery(database)) gallery.AddPerson(new("Ann"));
        IReadOnlyList<Func<int, int, string>> steps =
        [
            .. PostgresSchema.Steps,
            (rank, partitions) => $"ALTER TABLE persons ADD COLUMN added int DEFAULT {rank + partitions}",
        ];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            await using var plain = PostgresOpening.Plain(database, new());
            await PostgresOpening.Upgrade(plain, (await PostgresOpening.Describe(plain, Cancel))!, steps, Cancel);
        }));
        Assert.Equal(KnownPeople.Dimension + 8, Value<int>(database, "SELECT added FROM edgeface.persons"));
        Assert.Equal(1L, Value<long>(database, "SELECT count(*) FROM edgeface.audit WHERE action = 'migrate' "
            + $"AND detail = 'from version {PostgresSchema.Version} to {PostgresSchema.Version + 1}'"));
        var refusal = Assert.Throws<GalleryException>(() => PostgresGallery.Open(database, null, new()));
        Assert.Contains("newer EdgeFace", refusal.Message, StringComparison.Ordinal);

        // A step that fails leaves the version that was there.
        await using var broken = PostgresOpening.Plain(database, new());
        var found = (await PostgresOpening.Describe(broken, Cancel))!;
        await Assert.ThrowsAsync<GalleryException>(() => PostgresOpening.Upgrade(broken, found,
            [.. steps, (_, _) => "ALTER TABLE persons ADD COLUMN more int; SELECT 1 / 0"], Cancel));
        Assert.Equal(PostgresSchema.Version + 1, Value<int>(database, "SELECT version FROM edgeface.gallery"));
        Assert.Equal(0L, Value<long>(database,
            "SELECT count(*) FROM information_schema.columns WHERE table_name = 'persons' AND column_name = 'more'"));
    }

    [Fact]
    public void Key_is_refused_with_what_to_do_instead()
    {
        var key = GalleryKey.Generate();
        var message = Assert.Throws<GalleryException>(() =>
            PostgresGallery.Create(server.NewDatabase(), KnownPeople.Contract, KnownPeople.Space, new() { Key = key })).Message;
        Assert.Contains("disks encrypted", message, StringComparison.Ordinal);
        Assert.Contains("external key", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_only_connection_searches_and_refuses_changes()
    {
        var database = server.NewDatabase();
        long ann;
        using (var gallery = NewGallery(database)) ann = gallery.Enrol(new("Ann"), [new(KnownPeople.Photo(1, 1))])[0].Person.Id;
        using var replica = PostgresGallery.Open(
            With(database, b => b.Options = "-c default_transaction_read_only=on"), KnownPeople.Contract, new());
        Assert.Equal(ann, replica.Search([KnownPeople.Photo(1, 2)], 3)[0][0].Person.Id);
        Assert.Empty(replica.Check().Problems);
        Assert.Contains("primary", Assert.Throws<GalleryException>(() => replica.AddPerson(new("Bob"))).Message, StringComparison.Ordinal);
        Assert.Contains("primary", Assert.Throws<GalleryException>(() => replica.DeletePerson(ann)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void User_without_rights_is_told_so()
    {
        var database = server.NewDatabase();
        Sql(database, "CREATE ROLE visitor LOGIN");
        var visitor = With(database, b => b.Username = "visitor");
        Assert.Contains("CREATE EXTENSION vector", Assert.Throws<GalleryException>(() => NewGallery(visitor)).Message, StringComparison.Ordinal);
        Sql(database, "CREATE EXTENSION vector");
        Assert.Contains("lacks a right", Assert.Throws<GalleryException>(() => NewGallery(visitor)).Message, StringComparison.Ordinal);
        NewGallery(database).Dispose();
        Assert.Contains("lacks a right",
            Assert.Throws<GalleryException>(() => PostgresGallery.Open(visitor, null, new())).Message, StringComparison.Ordinal);
        Sql(database, "GRANT USAGE ON SCHEMA edgeface TO visitor; GRANT SELECT ON ALL TABLES IN SCHEMA edgeface TO visitor");
        using var reader = PostgresGallery.Open(visitor, null, new());
        Assert.Empty(reader.Search([KnownPeople.Photo(1, 1)], 1)[0]);
        Assert.Contains("lacks a right", Assert.Throws<GalleryException>(() => reader.AddPerson(new("Ann"))).Message, StringComparison.Ordinal);
        // An owner of the schema needs nothing else.
        Sql(database, "CREATE ROLE owner LOGIN; CREATE SCHEMA own AUTHORIZATION owner");
        using var own = NewGallery(With(database, b => b.Username = "owner"), new() { Schema = "own" });
        own.Enrol(new("Ann"), [new(KnownPeople.Photo(1, 1))]);
        Assert.Empty(own.Check().Problems);
    }

    [Fact]
    public void Wrong_password_unknown_database_and_absent_server_are_told_without_the_password()
    {
        const string secret = "hush-hush-7";
        var database = server.NewDatabase();
        var rules = Value<string>(database, "SHOW hba_file");
        Sql(database, "CREATE ROLE locked LOGIN PASSWORD 'right'; "
            + $"COPY (SELECT unnest(ARRAY['local all locked scram-sha-256', 'local all all trust'])) TO '{rules}'");
        Sql(database, "SELECT pg_reload_conf()");
        using (NewGallery(database)) { }
        var locked = With(database, b => (b.Username, b.Password) = ("locked", secret));
        // The rules are read a moment after the server was told to.
        var refusal = Retry.Until(() => Assert.Throws<GalleryException>(() => PostgresGallery.Open(locked, null, new())),
            e => e.Message.Contains("password", StringComparison.Ordinal));
        var unknown = Assert.Throws<GalleryException>(() =>
            PostgresGallery.Open(With(database, b => (b.Database, b.Password) = ("nowhere", secret)), null, new()));
        Assert.Contains("CREATE DATABASE", unknown.Message, StringComparison.Ordinal);
        var absent = Assert.Throws<GalleryException>(() =>
            PostgresGallery.Open(With(database, b => (b.Host, b.Password) = ("/nowhere", secret)), null, new()));
        Assert.Contains("cannot be reached", absent.Message, StringComparison.Ordinal);
        var malformed = Assert.Throws<GalleryException>(() => PostgresGallery.Open($"Host=x;Password=a;{secret}=1", null, new()));
        var address = Assert.Throws<GalleryException>(() => PostgresGallery.Open($"postgres://u:{secret}@host/db?{secret}=1", null, new()));
        foreach (var e in new[] { refusal, unknown, absent, malformed, address })
            Assert.DoesNotContain(secret, e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Database_that_cannot_hold_every_name_is_refused()
    {
        var database = server.NewDatabase();
        Sql(database, "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
        Assert.Contains("UTF8",
            Assert.Throws<GalleryException>(() => NewGallery(With(database, b => b.Database = "latin"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres://ann:p%40ss@db.example:6432/faces?sslmode=verify-full", "db.example", 6432, "faces", "ann", "p@ss")]
    [InlineData("postgresql://db.example/faces", "db.example", 5432, "faces", null, null)]
    [InlineData("postgres://ann@/faces?host=/run/postgresql", "/run/postgresql", 5432, "faces", "ann", null)]
    [InlineData("host=db.example;Database=faces", "db.example", 5432, "faces", null, null)]
    public void Addresses_are_understood(string text, string host, int port, string database, string? user, string? password)
    {
        Assert.True(PostgresGallery.IsConnection(text));
        var builder = PostgresConnection.Parse(text);
        Assert.Equal((host, port, database, user, password), (builder.Host, builder.Port, builder.Database, builder.Username, builder.Password));
        if (text.Contains("verify", StringComparison.Ordinal)) Assert.Equal(SslMode.VerifyFull, builder.SslMode);
    }

    [Fact]
    public void Files_are_no_connections()
    {
        foreach (var text in new[] { "people.db", "/srv/host=1.db", "C:\\people.db", "ghost=1" })
            Assert.False(PostgresGallery.IsConnection(text), text);
    }
}
