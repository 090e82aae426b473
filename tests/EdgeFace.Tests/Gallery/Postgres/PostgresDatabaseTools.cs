using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;
using Npgsql;

namespace EdgeFace.Tests.Gallery.Postgres;

/// <summary>What a test looks at or breaks behind the gallery's back.</summary>
static class PostgresDatabaseTools
{
    public static void Sql(string connection, string sql)
    {
        using var source = NpgsqlDataSource.Create(connection);
        using var command = source.CreateCommand(sql);
        command.ExecuteNonQuery();
    }

    public static T Value<T>(string connection, string sql)
    {
        using var source = NpgsqlDataSource.Create(connection);
        using var command = source.CreateCommand(sql);
        return (T)command.ExecuteScalar()!;
    }

    public static string With(string connection, Action<NpgsqlConnectionStringBuilder> change)
    {
        var builder = new NpgsqlConnectionStringBuilder(connection);
        change(builder);
        return builder.ConnectionString;
    }

    public static PostgresGallery NewGallery(string connection, PostgresGalleryOptions? options = null)
        => PostgresGallery.Create(connection, KnownPeople.Contract, KnownPeople.Space, options ?? new());

    /// <summary>Puts people straight into the tables, many at once, each with photos 0, 1, ...</summary>
    public static void Fill(PostgresGallery gallery, int people, int photos)
    {
        for (var p = 0; p < people; p++)
            gallery.Enrol(new($"person {p}") { ExternalKey = $"k{p}" },
                [.. Enumerable.Range(0, photos).Select(i => new NewSample(KnownPeople.Photo(p, i)))]);
    }
}
