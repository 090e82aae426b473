using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EdgeFace.Gallery;

/// <summary>Why SQLite could not do something, for those who know what to do about it.</summary>
static class SqliteFailure
{
    /// <summary>Others have the file open or locked.</summary>
    public static bool IsBusy(this GalleryException e) => Code(e) is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    /// <summary>The file, its folder or its disk does not take what was to be written; reading may be possible.</summary>
    public static bool PreventsWriting(this GalleryException e)
        => Code(e) is raw.SQLITE_PERM or raw.SQLITE_READONLY or raw.SQLITE_IOERR or raw.SQLITE_FULL or raw.SQLITE_CANTOPEN or raw.SQLITE_AUTH;

    static int Code(GalleryException e)
        => e is { Kind: ErrorKind.Machine, InnerException: SqliteException inner } ? inner.SqliteErrorCode : raw.SQLITE_OK;
}
