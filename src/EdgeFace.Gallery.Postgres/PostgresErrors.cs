using Npgsql;

namespace EdgeFace.Gallery.Postgres;

/// <summary>What errors of PostgreSQL mean for a gallery, and what can be done about them.</summary>
static class PostgresErrors
{
    public static GalleryException Translate(NpgsqlException e, string where, bool committing)
    {
        var doubt = committing && IsUnknown(e)
            ? ". The connection broke while the change was being committed, so it may be there or not: look before you repeat it"
            : "";
        return new($"{where}: {(e is PostgresException p ? Meaning(p) : Meaning(e))}{doubt}", e) { Kind = KindOf(e) };
    }

    /// <summary>
    /// Nearly all of it is the server's state; a name or right that is wrong is the request's, and tables that are not as they
    /// should be are the gallery's.
    /// </summary>
    static ErrorKind KindOf(NpgsqlException e) => e is not PostgresException p ? ErrorKind.Machine : p.SqlState switch
    {
        "28P01" or "28000" or "3D000" or "42501" => ErrorKind.Request,
        "3F000" or "42P01" or "42703" => ErrorKind.Input,
        _ => ErrorKind.Machine,
    };

    // An answer of the server itself says that nothing was committed, unless it lost another server meanwhile.
    static bool IsUnknown(NpgsqlException e)
        => e is not PostgresException { SqlState: var state } || state.StartsWith("08", StringComparison.Ordinal);

    static string Meaning(NpgsqlException e) => e.InnerException is TimeoutException
        ? "the server did not answer in time; nothing more was waited for. Try again, or give the connection a longer Timeout or Command Timeout"
        : $"the server cannot be reached or broke the connection ({e.InnerException?.Message ?? e.Message}). "
            + "See that it runs and takes connections there, then try again";

    static string Meaning(PostgresException e) => e.SqlState switch
    {
        "28P01" or "28000"
            => $"the server refuses the user or the password ({e.MessageText}). Check Username and Password, and pg_hba.conf on the server",
        "3D000" => $"{e.MessageText}. Create it with CREATE DATABASE ... ENCODING 'UTF8', or name another",
        "3F000" or "42P01" or "42703" => $"the gallery's tables are not as they should be ({e.MessageText}). Restore them from a backup",
        "42501" => $"this user lacks a right ({e.MessageText}). Use the owner of the gallery's schema, or have the right granted",
        "23505" => "another process stored the same key at the same moment; nothing was changed, look for it and try again",
        "25006" => $"the server only reads ({e.MessageText}): it is a replica, or the connection says so. Changes go to the primary server",
        "53100" => "the server's disk is full; nothing was changed. Free some space and try again",
        "53200" => "the server has not enough memory; nothing was changed",
        "53300" => "the server has too many connections; close some, raise max_connections, or limit Maximum Pool Size",
        "57014" => $"the statement was ended ({e.MessageText}); nothing was changed. Raise statement_timeout if this is large work",
        "57P01" or "57P02" or "57P03" => $"the server is stopping or starting ({e.MessageText}). Try again when it runs",
        "55P03" => $"another process holds the rows ({e.MessageText}); nothing was changed, try again",
        "40001" or "40P01" => "other processes have been changing the same rows all the time; nothing was changed, try again",
        _ when e.SqlState.StartsWith("08", StringComparison.Ordinal) || e.SqlState.StartsWith("HV", StringComparison.Ordinal)
            => $"the server of a partition cannot be reached ({e.MessageText}). People of other partitions can still be changed; "
                + "searches need all servers. Start it, then try again",
        _ => $"{e.MessageText} ({e.SqlState})",
    };
}
