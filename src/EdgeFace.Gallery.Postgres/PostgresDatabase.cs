using System.Data;
using Npgsql;
using Pgvector.Npgsql;

namespace EdgeFace.Gallery.Postgres;

/// <summary>
/// A pool of connections. Every error of PostgreSQL leaves it as a <see cref="GalleryException"/> that says what to do.
/// For any number of threads.
/// </summary>
sealed class PostgresDatabase : IDisposable
{
    const int MostAttempts = 5;

    readonly NpgsqlDataSource _source;
    readonly NpgsqlConnectionStringBuilder _connection;

    /// <param name="connection">Where, and as whom.</param>
    /// <param name="vectorSchema">Where pgvector's types lie; null before that is known, and then without vectors.</param>
    public PostgresDatabase(NpgsqlConnectionStringBuilder connection, string schema, string? vectorSchema)
    {
        _connection = new(connection.ConnectionString);
        Schema = schema;
        if (vectorSchema is null) _connection.Pooling = false;
        else _connection.SearchPath = $"\"{schema}\", \"{vectorSchema}\"";
        // The full builder is not made for NativeAOT.
        var builder = new NpgsqlSlimDataSourceBuilder(_connection.ConnectionString);
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        if (vectorSchema is not null) builder.UseVector();
        try
        {
            _source = builder.Build();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or NotSupportedException)
        {
            throw new GalleryException($"{Where}: the options of the connection do not go together: {e.Message}");
        }
    }

    public string Schema { get; }

    public string Where
        => $"PostgreSQL at {_connection.Host}, database {_connection.Database ?? _connection.Username ?? "of the user"}, schema {Schema}";

    /// <summary>What is inside sees one state of the database.</summary>
    public T Read<T>(Func<PostgresSession, T> work) => Run(work, IsolationLevel.RepeatableRead, null);

    /// <summary>
    /// All of it or nothing. The work may be done again after an error that undid it, so it has no effects but those in the database.
    /// </summary>
    public T Write<T>(Func<PostgresSession, T> work) => Run(work, IsolationLevel.ReadCommitted, null);

    /// <summary>As <see cref="Read"/>, for what can take as long as it wants.</summary>
    public T ReadLong<T>(Func<PostgresSession, T> work) => Run(work, IsolationLevel.RepeatableRead, 0);

    /// <summary>As <see cref="Write"/>, for what can take as long as it wants.</summary>
    public T WriteLong<T>(Func<PostgresSession, T> work) => Run(work, IsolationLevel.ReadCommitted, 0);

    /// <summary>A statement that no transaction can hold, such as VACUUM.</summary>
    public void Outside(string sql) => Repeat(committing =>
    {
        using var connection = _source.OpenConnection();
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return command.ExecuteNonQuery();
    });

    public GalleryException Damaged(string what)
        => new($"{Where}: the gallery is damaged: {what}. Restore it from a backup") { Kind = ErrorKind.Input };

    public void Dispose() => _source.Dispose();

    T Run<T>(Func<PostgresSession, T> work, IsolationLevel isolation, int? timeout) => Repeat(committing =>
    {
        using var connection = _source.OpenConnection();
        using var transaction = connection.BeginTransaction(isolation);
        var result = work(new(connection, timeout));
        committing.Value = true;
        transaction.Commit();
        return result;
    });

    T Repeat<T>(Func<Flag, T> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            var committing = new Flag();
            try
            {
                return work(committing);
            }
            catch (NpgsqlException e) when (attempt < MostAttempts && IsUndone(e, committing.Value))
            {
                // After a restart of the server all connections of the pool are dead, not this one alone.
                if (IsConnectionLost(e)) _source.Clear();
                Thread.Sleep(Random.Shared.Next(20, 60) * attempt * attempt);
            }
            catch (NpgsqlException e)
            {
                throw PostgresErrors.Translate(e, Where, committing.Value);
            }
        }
    }

    /// <summary>Whether the server has certainly undone the transaction, for a reason that passes.</summary>
    static bool IsUndone(NpgsqlException e, bool committing) => e is PostgresException { SqlState: var state }
        ? state is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
            || !committing && state.StartsWith("57P0", StringComparison.Ordinal)
        : !committing && IsConnectionLost(e);

    static bool IsConnectionLost(NpgsqlException e) => e is PostgresException { SqlState: var state }
        ? state.StartsWith("57P0", StringComparison.Ordinal)
        : e.InnerException is IOException or System.Net.Sockets.SocketException or EndOfStreamException;

    sealed class Flag
    {
        public bool Value;
    }
}
