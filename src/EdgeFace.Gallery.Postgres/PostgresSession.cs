using Npgsql;

namespace EdgeFace.Gallery.Postgres;

/// <summary>Statements on one connection, with values as $1, $2, ... For one thread at a time.</summary>
sealed class PostgresSession(NpgsqlConnection connection, int? timeout = null)
{
    public int Execute(string sql, params object?[] values)
    {
        using var command = Command(sql, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>The first value of the first row; null if there is no row or the value is NULL.</summary>
    public object? Value(string sql, params object?[] values)
    {
        using var command = Command(sql, values);
        return command.ExecuteScalar() is { } value and not DBNull ? value : null;
    }

    public List<T> Rows<T>(string sql, Func<NpgsqlDataReader, T> read, params object?[] values)
    {
        using var command = Command(sql, values);
        using var reader = command.ExecuteReader();
        return ReadRows(reader, read);
    }

    /// <summary>One statement with several sets of values, in one round trip.</summary>
    public List<List<T>> RowsOfEach<T>(string sql, Func<NpgsqlDataReader, T> read, IEnumerable<object[]> values)
    {
        using var batch = new NpgsqlBatch(connection);
        if (timeout is { } seconds) batch.Timeout = seconds;
        foreach (var set in values)
        {
            var command = new NpgsqlBatchCommand(sql);
            Bind(command.Parameters, set);
            batch.BatchCommands.Add(command);
        }
        using var reader = batch.ExecuteReader();
        var all = new List<List<T>>();
        do all.Add(ReadRows(reader, read)); while (reader.NextResult());
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

    static List<T> ReadRows<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read)
    {
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }
}
