using System.Diagnostics;
using Npgsql;

namespace EdgeFace.Gallery.Postgres;

/// <summary>
/// Statements of one transaction, with values as $1, $2, ... One after another; each wait ends when the transaction's token is cancelled.
/// </summary>
sealed class PostgresSession(NpgsqlConnection connection, int? timeout, CancellationToken cancellationToken)
{
    public async Task<int> Execute(string sql, params object?[] values)
    {
        using var command = Command(sql, values);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The first value of the first row; null if there is no row or the value is NULL.</summary>
    public async Task<object?> Value(string sql, params object?[] values)
    {
        using var command = Command(sql, values);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is { } value and not DBNull ? value : null;
    }

    /// <summary>What the first row holds, or null.</summary>
    public async Task<T?> First<T>(string sql, Func<NpgsqlDataReader, T> read, params object?[] values)
        where T : class
        => (await Rows(sql, read, values).ConfigureAwait(false)).FirstOrDefault();

    public async Task<List<T>> Rows<T>(string sql, Func<NpgsqlDataReader, T> read, params object?[] values)
    {
        using var command = Command(sql, values);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false)) return await ReadRows(reader, read).ConfigureAwait(false);
    }

    /// <summary>One statement with several sets of values, in one round trip.</summary>
    public async Task<List<List<T>>> RowsOfEach<T>(string sql, Func<NpgsqlDataReader, T> read, IReadOnlyList<object[]> values)
    {
        using var batch = new NpgsqlBatch(connection);
        if (timeout is { } seconds) batch.Timeout = seconds;
        foreach (var set in values)
        {
            var command = new NpgsqlBatchCommand(sql);
            Bind(command.Parameters, set);
            batch.BatchCommands.Add(command);
        }
        var all = new List<List<T>>();
        var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
            do all.Add(await ReadRows(reader, read).ConfigureAwait(false));
            while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false));
        Debug.Assert(all.Count == values.Count, "each set of values has its own result");
        return all;
    }

    NpgsqlCommand Command(string sql, object?[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        if (timeout is { } seconds) command.CommandTimeout = seconds;
        Bind(command.Parameters, values);
        return command;
    }

    static void Bind(NpgsqlParameterCollection parameters, object?[] values)
    {
        foreach (var value in values) parameters.Add(new() { Value = value ?? DBNull.Value });
    }

    async Task<List<T>> ReadRows<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) rows.Add(read(reader));
        return rows;
    }
}
