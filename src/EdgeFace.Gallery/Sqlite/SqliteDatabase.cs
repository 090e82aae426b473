using Microsoft.Data.Sqlite;

namespace EdgeFace.Gallery;

/// <summary>One connection with its prepared statements; every error of SQLite leaves it as a <see cref="GalleryException"/>. For one thread at a time.</summary>
sealed class SqliteDatabase : IDisposable
{
    readonly SqliteConnection _connection;
    readonly Dictionary<string, SqliteCommand> _commands = [];
    readonly TimeSpan _busyTimeout;
    bool _inTransaction, _isLost;

    /// <param name="path">An existing file.</param>
    public SqliteDatabase(string path, TimeSpan busyTimeout)
    {
        // As it stands a path such as ":memory:" or "file:..." would mean something else to SQLite.
        Path = System.IO.Path.GetFullPath(path);
        _busyTimeout = busyTimeout;
        // Waiting for other processes is left to SQLite (busy_timeout); 0 seconds would be for ever.
        _connection = new(new SqliteConnectionStringBuilder { DataSource = Path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 1 }.ToString());
        try
        {
            Guard(() =>
            {
                _connection.Open();
                return 0;
            });
            Script(FormattableString.Invariant($"PRAGMA busy_timeout = {(long)busyTimeout.TotalMilliseconds}"));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Path { get; }

    /// <summary>Statements without values or results.</summary>
    public void Script(string sql) => Guard(() =>
    {
        using var command = new SqliteCommand(sql, _connection);
        return command.ExecuteNonQuery();
    });

    public int Execute(string sql, params object?[] values) => Guard(() => Prepared(sql, values).ExecuteNonQuery());

    /// <summary>The first value of the first row; null if there is no row or the value is NULL.</summary>
    public object? Value(string sql, params object?[] values) => Guard(() => Prepared(sql, values).ExecuteScalar() is { } value and not DBNull ? value : null);

    public long Number(string sql, params object?[] values) => Value(sql, values) is long number ? number : throw Damaged("a number is missing");

    public List<T> Rows<T>(string sql, Func<SqliteDataReader, T> read, params object?[] values) => Guard(() =>
    {
        using var reader = Prepared(sql, values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    });

    /// <summary>For results that are better not held in memory at once.</summary>
    public void Each(string sql, Action<SqliteDataReader> read, params object?[] values) => Guard(() =>
    {
        using var reader = Prepared(sql, values).ExecuteReader();
        while (reader.Read()) read(reader);
        return 0;
    });

    /// <summary>All of it or nothing. What is inside sees one state of the file, and no other process writes meanwhile. Inside another one it can fail alone.</summary>
    public T Transaction<T>(Func<T> work)
    {
        if (!_inTransaction) return Outermost("BEGIN IMMEDIATE", work);
        // Outside a transaction each part would be one of its own.
        if (_isLost) throw new GalleryException($"{Path}: an error has ended the transaction; nothing was changed");
        return Bracket("SAVEPOINT part", work, "RELEASE part", "ROLLBACK TO part; RELEASE part");
    }

    /// <summary>What is inside sees one state of the file, whatever other processes write meanwhile. It must only read.</summary>
    public T Snapshot<T>(Func<T> work) => _inTransaction ? work() : Outermost("BEGIN", work);

    T Outermost<T>(string begin, Func<T> work)
    {
        try
        {
            return Bracket(begin, () =>
            {
                _inTransaction = true;
                return work();
            }, "COMMIT", "ROLLBACK");
        }
        finally
        {
            _inTransaction = _isLost = false;
        }
    }

    T Bracket<T>(string begin, Func<T> work, string end, string undo)
    {
        Execute(begin);
        try
        {
            var result = work();
            Execute(end);
            return result;
        }
        catch
        {
            // Some errors have rolled back already, the whole transaction with its parts.
            try { Script(undo); } catch (GalleryException) { _isLost = true; }
            throw;
        }
    }

    /// <summary>Puts this file's content in the place of another's, in one transaction of that.</summary>
    public void CopyTo(SqliteDatabase target) => target.Guard(() =>
    {
        _connection.BackupDatabase(target._connection);
        return 0;
    });

    public void Dispose()
    {
        foreach (var command in _commands.Values) command.Dispose();
        _commands.Clear();
        _connection.Dispose();
    }

    public GalleryException Damaged(string what, Exception? inner = null)
    {
        var message = $"{Path}: the gallery is damaged: {what}. Restore it from a backup";
        return inner is null ? new(message) { Kind = ErrorKind.Input } : new(message, inner) { Kind = ErrorKind.Input };
    }

    SqliteCommand Prepared(string sql, object?[] values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            _commands.Add(sql, command = new(sql, _connection));
            for (var i = 0; i < values.Length; i++) command.Parameters.Add(new() { ParameterName = $"${i}" });
        }
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }

    T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException e)
        {
            throw Translate(e);
        }
    }

    GalleryException Translate(SqliteException e) => e.SqliteErrorCode switch
    {
        5 or 6 => new(FormattableString.Invariant($"{Path}: another process has been writing to the gallery for {_busyTimeout.TotalSeconds:0.#} s; nothing was changed, try again"), e) { Kind = ErrorKind.Machine },
        7 => new($"{Path}: there is not enough memory", e) { Kind = ErrorKind.Machine },
        11 => Damaged(e.Message, e),
        13 => new($"{Path}: the disk is full; nothing was changed. Free some space and try again", e) { Kind = ErrorKind.Machine },
        26 => new($"{Path} is not a gallery: it is no SQLite file", e) { Kind = ErrorKind.Input },
        3 or 8 or 14 or 23 => new($"{Path}: the gallery cannot be opened or written ({e.Message}); this process must be allowed to write the file and its folder", e) { Kind = ErrorKind.Machine },
        10 => new($"{Path}: the disk refused to read or write ({e.Message})", e) { Kind = ErrorKind.Machine },
        _ => new($"{Path}: {e.Message}", e),
    };
}
