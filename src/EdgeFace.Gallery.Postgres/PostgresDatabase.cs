using System.Data;
using Npgsql;
using Pgvector.Npgsql;

namespace EdgeFace.Gallery.Postgres;

/// <summary>
/// A pool of connections. Every error of PostgreSQL leaves it as a <see cref="GalleryException"/> that says what to do.
/// For any number of threads.
/// </summary>
sealed class PostgresDatabase : IAsyncDisposable
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
    public Task<T> Read<T>(Func<PostgresSession, Task<T>> work, CancellationToken cancellationToken)
        => Run(work, IsolationLevel.RepeatableRead, null, cancellationToken);

    /// <summary>
    /// All of it or nothing. The work may be done again after an error that undid it, so it has no effects but those in the database.
    /// </summary>
    public Task<T> Write<T>(Func<PostgresSession, Task<T>> work, CancellationToken cancellationToken)
        => Run(work, IsolationLevel.ReadCommitted, null, cancellationToken);

    /// <summary>As <see cref="Read"/>, for what can take as long as it wants.</summary>
    public Task<T> ReadLong<T>(Func<PostgresSession, Task<T>> work, CancellationToken cancellationToken)
        => Run(work, IsolationLevel.RepeatableRead, 0, cancellationToken);

    /// <summary>As <see cref="Write"/>, for what can take as long as it wants.</summary>
    public Task<T> WriteLong<T>(Func<PostgresSession, Task<T>> work, CancellationToken cancellationToken)
        => Run(work, IsolationLevel.ReadCommitted, 0, cancellationToken);

    /// <summary>A statement that no transaction can hold, such as VACUUM.</summary>
    public Task Outside(string sql, CancellationToken cancellationToken) => Repeat(async (_, token) =>
    {
        var connection = await _source.OpenConnectionAsync(token).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
            return await new PostgresSession(connection, 0, token).Execute(sql).ConfigureAwait(false);
    }, cancellationToken);

    public GalleryException Damaged(string what)
        => new($"{Where}: the gallery is damaged: {what}. Restore it from a backup") { Kind = ErrorKind.Input };

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    Task<T> Run<T>(Func<PostgresSession, Task<T>> work, IsolationLevel isolation, int? timeout, CancellationToken cancellationToken)
        => Repeat(async (attempt, token) =>
        {
            var connection = await _source.OpenConnectionAsync(token).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var transaction = await connection.BeginTransactionAsync(isolation, token).ConfigureAwait(false);
                await using (transaction.ConfigureAwait(false))
                {
                    var result = await work(new(connection, timeout, token)).ConfigureAwait(false);
                    token.ThrowIfCancellationRequested();
                    attempt.IsCommitting = true;
                    // Once asked, the server cannot be told to leave it: it is waited for, or left to end by itself.
                    await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
                    return result;
                }
            }
        }, cancellationToken);

    Task<T> Repeat<T>(Func<Attempt, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
        => Prompt.Run(token => RepeatUndone(work, token), cancellationToken);

    async Task<T> RepeatUndone<T>(Func<Attempt, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var number = 1; ; number++)
        {
            var attempt = new Attempt();
            try
            {
                return await work(attempt, cancellationToken).ConfigureAwait(false);
            }
            catch (NpgsqlException e) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(e.Message, e, cancellationToken);
            }
            catch (NpgsqlException e) when (number < MostAttempts && IsUndone(e, attempt.IsCommitting))
            {
                // After a restart of the server all connections of the pool are dead, not this one alone.
                if (IsConnectionLost(e)) _source.Clear();
                await Task.Delay(Random.Shared.Next(20, 60) * number * number, cancellationToken).ConfigureAwait(false);
            }
            catch (NpgsqlException e)
            {
                throw PostgresErrors.Translate(e, Where, attempt.IsCommitting);
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

    sealed class Attempt
    {
        public bool IsCommitting { get; set; }
    }
}
