using Npgsql;

namespace EdgeFace.Gallery.Postgres;

/// <summary>Fields of a row that may be NULL.</summary>
static class RowFields
{
    public static string? Text(this NpgsqlDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.GetString(ordinal);

    public static long? Number(this NpgsqlDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.GetInt64(ordinal);

    public static double? Real(this NpgsqlDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.GetDouble(ordinal);

    public static string? Hash(this NpgsqlDataReader row, int ordinal)
        => row.IsDBNull(ordinal) ? null : Convert.ToHexStringLower(row.GetFieldValue<byte[]>(ordinal));
}
