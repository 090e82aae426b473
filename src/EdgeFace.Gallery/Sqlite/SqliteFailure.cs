using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EdgeFace.Gallery;

/// <summary>SQLite could not do something for a reason outside the file; for those who know what to do about it.</summary>
sealed class SqliteFailure : GalleryException
{
    readonly int _code;

    public SqliteFailure(string message, SqliteException inner) : base(message, inner) => (_code, Kind) = (inner.SqliteErrorCode, ErrorKind.Machine);

    /// <summary>Others have the file open or locked.</summary>
    public bool IsBusy => _code is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    /// <summary>The file, its folder or its disk does not take what was to be written; reading may be possible.</summary>
    public bool PreventsWriting => _code is raw.SQLITE_PERM or raw.SQLITE_READONLY or raw.SQLITE_IOERR or raw.SQLITE_FULL or raw.SQLITE_CANTOPEN or raw.SQLITE_AUTH;
}
