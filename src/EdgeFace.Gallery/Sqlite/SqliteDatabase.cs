using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EdgeFace.Gallery;

/// <summary>
/// One connection with its prepared statements; every error of SQLite leaves it as a <see cref="GalleryException"/>. For one thread at a time.
/// </summary>
sealed class SqliteDatabase : IDisposable
{
    // A disk with less is full: SQLite's shared memory alone grows by as much.
    const long LeastFree = 64 << 10;

    // So many steps of a statement take far less than a millisecond.
    const int StepsBetweenLooks = 10_000;

    readonly SqliteConnection _connection;
    readonly Dictionary<string, SqliteCommand> _commands = [];
    readonly TimeSpan _busyTimeout;
    readonly SqliteReach _reach;
    readonly (long Length, DateTime Written) _opened;
    bool _inTransaction, _isLost;

    /// <param name="path">An existing file.</param>
    public SqliteDatabase(string path, TimeSpan busyTimeout, SqliteReach reach = SqliteReach.Write)
    {
        // As it stands a path such as ":memory:" or "file:..." would mean something else to SQLite.
        Path = System.IO.Path.GetFullPath(path);
        (_busyTimeout, _reach, _opened) = (busyTimeout, reach, State());
        var source = reach == SqliteReach.ReadUnlocked ? Unlocked(Path) : Path;
        _connection = Connection(source, reach == SqliteReach.Write ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadOnly);
        Open();
    }

    /// <summary>An empty database in memory.</summary>
    public SqliteDatabase()
    {
        Path = ":memory:";
        _connection = Connection(Path, SqliteOpenMode.Memory);
        Open();
    }

    public string Path { get; }

    public bool IsReadOnly => _reach != SqliteReach.Write;

    /// <summary>How other connections read the file beside this one.</summary>
    public SqliteReach ReadingReach => _reach == SqliteReach.ReadUnlocked ? _reach : SqliteReach.Read;

    /// <summary>Statements without values or results.</summary>
    public void Script(string sql) => Guard(() =>
    {
        using var command = new SqliteCommand(sql, _connection);
        return command.ExecuteNonQuery();
    });

    public int Execute(string sql, params object?[] values) => Guard(() => Prepared(sql, values).ExecuteNonQuery());

    /// <summary>The first value of the first row; null if there is no row or the value is NULL.</summary>
    public object? Value(string sql, params object?[] values)
        => Guard(() => Prepared(sql, values).ExecuteScalar() is { } value and not DBNull ? value : null);

    public long Number(string sql, params object?[] values) => Value(sql, values) is long number ? number : throw Damaged("a number is missing");

    public List<T> Rows<T>(string sql, Func<SqliteRow, T> read, params object?[] values)
    {
        var rows = new List<T>();
        Each(sql, row => rows.Add(read(row)), values);
        return rows;
    }

    /// <summary>For results that are better not held in memory at once.</summary>
    public void Each(string sql, Action<SqliteRow> read, params object?[] values) => Guard(() =>
    {
        using var reader = Prepared(sql, values).ExecuteReader();
        while (reader.Read()) read(new(this, reader));
        return 0;
    });

    /// <summary>
    /// All of it or nothing. What is inside sees one state of the file, and no other process writes meanwhile. Inside
    /// another one it can fail alone.
    /// </summary>
    public T Transaction<T>(Func<T> work)
    {
        if (!_inTransaction) return Outermost("BEGIN IMMEDIATE", () =>
        {
            var result = work();
            SqliteCancellation.PassLast();
            return result;
        });
        // Outside a transaction each part would be one of its own.
        if (_isLost) throw new GalleryException($"{Path}: an error has ended the transaction; nothing was changed");
        return Bracket("SAVEPOINT part", work, "RELEASE part", "ROLLBACK TO part; RELEASE part");
    }

    /// <summary>What is inside sees one state of the file, whatever other processes write meanwhile. It must only read.</summary>
    public T Snapshot<T>(Func<T> work) => _inTransaction ? work() : Outermost("BEGIN", work);

    /// <summary>Brings the log into the file and empties it.</summary>
    /// <returns>Whether all of it was brought in; false if somebody was reading. A full disk is an error.</returns>
    public bool Checkpoint() => Rows("PRAGMA wal_checkpoint(TRUNCATE)", r => r.Integer(0) == 0 && r.Integer(1) == r.Integer(2)) is [true];

    /// <summary>Says how the file keeps what is not committed yet. SQLite goes on as before, without an error, where that cannot be.</summary>
    public void SetJournal(string mode)
    {
        var now = Value($"PRAGMA journal_mode = {mode}") as string;
        if (now != mode) throw new GalleryException($"{Path}: SQLite keeps its journal as {now}, not as {mode}") { Kind = ErrorKind.Machine };
    }

    /// <summary>Refuses to go on with a file that was read without locks and has been written.</summary>
    public void RequireUnchanged()
    {
        if (_reach != SqliteReach.ReadUnlocked || State() == _opened && IsEmpty("-wal") && IsEmpty("-journal")) return;
        throw new GalleryException($"{Path}: another process has changed the gallery, which was read here without locks: open it anew")
        {
            Kind = ErrorKind.Machine,
        };
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

    // Waiting for other processes is left to SQLite (busy_timeout); 0 seconds would be for ever.
    static SqliteConnection Connection(string source, SqliteOpenMode mode)
        => new(new SqliteConnectionStringBuilder { DataSource = source, Mode = mode, Pooling = false, DefaultTimeout = 1 }.ToString());

    static string Unlocked(string path)
    {
        var parts = path.Replace('\\', '/').TrimStart('/').Split('/').Select(Uri.EscapeDataString);
        return $"file:/{string.Join('/', parts)}?immutable=1";
    }

    void Open()
    {
        try
        {
            Guard(() =>
            {
                _connection.Open();
                // Where a file may not be written SQLite opens it for reading and says so only at the first change.
                if (!IsReadOnly && raw.sqlite3_db_readonly(_connection.Handle, "main") == 1)
                    throw new SqliteException("the file may not be written", raw.SQLITE_READONLY);
                raw.sqlite3_progress_handler(_connection.Handle, StepsBetweenLooks, static _ => SqliteCancellation.IsAsked ? 1 : 0, null);
                return 0;
            });
            // The file may be hostile: its views, triggers and indices run nothing that reaches beyond it.
            Script(FormattableString.Invariant($"PRAGMA busy_timeout = {(long)_busyTimeout.TotalMilliseconds}"));
            Script("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

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

    SqliteCommand Prepared(string sql, object?[] values)
    {
        SqliteCancellation.ThrowIfAsked();
        if (!_commands.TryGetValue(sql, out var command))
        {
            _commands.Add(sql, command = new(sql, _connection));
            for (var i = 0; i < values.Length; i++) command.Parameters.Add(new() { ParameterName = $"${i}" });
        }
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }

    bool IsEmpty(string beside) => new FileInfo(Path + beside) is not { Exists: true, Length: > 0 };

    (long Length, DateTime Written) State() => new FileInfo(Path) is { Exists: true } file ? (file.Length, file.LastWriteTimeUtc) : default;

    T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_INTERRUPT && SqliteCancellation.IsAsked)
        {
            SqliteCancellation.ThrowIfAsked();
            throw;
        }
        catch (SqliteException e)
        {
            throw Translate(e);
        }
    }

    GalleryException Translate(SqliteException e) => e.SqliteErrorCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED
            => Failed($"another process has been writing to the gallery for {Seconds()} s; nothing was changed, try again", e),
        raw.SQLITE_NOMEM => Failed("there is not enough memory", e),
        raw.SQLITE_NOTADB => new($"{Path} is not a gallery: it is no SQLite file", e) { Kind = ErrorKind.Input },
        // What SQLite says, too, where a table has given its highest number.
        raw.SQLITE_FULL when UsedUp() is { } table => Damaged($"the numbers of its table '{table}' are used up", e),
        raw.SQLITE_FULL => Failed("the disk is full; nothing was changed. Free some space and try again", e),
        raw.SQLITE_IOERR when IsDiskFull() => Failed($"the disk is full ({e.Message}); nothing was changed. Free some space and try again", e),
        raw.SQLITE_IOERR => Failed($"the disk refused to read or write ({e.Message})", e),
        raw.SQLITE_PERM or raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_AUTH when IsReadOnly
            => Failed($"the gallery cannot be read ({e.Message})", e),
        raw.SQLITE_PERM or raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_AUTH
            => Failed($"the gallery cannot be opened or written ({e.Message}); this process must be allowed to write the file and its folder", e),
        // Its tables, or what they say of each other, are not what they were.
        raw.SQLITE_ERROR or raw.SQLITE_CORRUPT or raw.SQLITE_CONSTRAINT or raw.SQLITE_MISMATCH => Damaged(e.Message, e),
        raw.SQLITE_TOOBIG or raw.SQLITE_RANGE or raw.SQLITE_SCHEMA => Damaged(e.Message, e),
        _ => Failed(e.Message, e),
    };

    GalleryException Failed(string what, SqliteException e) => new($"{Path}: {what}", e) { Kind = ErrorKind.Machine };

    string Seconds() => _busyTimeout.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);

    string? UsedUp()
    {
        try
        {
            using var command = new SqliteCommand($"SELECT name FROM sqlite_sequence WHERE seq = {long.MaxValue}", _connection);
            return command.ExecuteScalar() as string;
        }
        catch (SqliteException)
        {
            return null;
        }
    }

    bool IsDiskFull()
    {
        try
        {
            return new DriveInfo(System.IO.Path.GetDirectoryName(Path)!).AvailableFreeSpace < LeastFree;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }
}
