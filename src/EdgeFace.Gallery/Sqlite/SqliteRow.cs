using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EdgeFace.Gallery;

/// <summary>
/// A row of a result, whose first value is its number if it has one. A file may hold anything: each value is checked where it is read,
/// and a wrong one is named.
/// </summary>
readonly struct SqliteRow(SqliteDatabase database, SqliteDataReader reader)
{
    // What DateTimeOffset can hold, as milliseconds since 1970.
    static readonly long FirstTime = DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), LastTime = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>The value as it is stored: a long, double, string or byte array; null for NULL.</summary>
    public object? Value(int column) => reader.GetValue(column) is var value and not DBNull ? value : null;

    /// <summary>Of a column.</summary>
    public string Name(int column) => reader.GetName(column);

    public bool IsNull(int column) => reader.IsDBNull(column);

    /// <summary>The same, where NULL is damage.</summary>
    public object Stored(int column) => Value(column) ?? throw Wrong(column, "a value");

    public long Integer(int column, long least = long.MinValue, long most = long.MaxValue)
        => Value(column) is long number && number >= least && number <= most ? number : throw Wrong(column, "a whole number within its range");

    /// <summary>The number of a person or sample: they begin at 1.</summary>
    public long Id(int column) => Integer(column, 1);

    /// <summary>A number in a range, which has no NaN or infinity; null for NULL.</summary>
    public double? Real(int column, double least = double.MinValue, double most = double.MaxValue) => Value(column) switch
    {
        null => null,
        double number when number >= least && number <= most => number,
        _ => throw Wrong(column, "a number within its range"),
    };

    public DateTimeOffset Time(int column)
    {
        if (Value(column) is not long time || time < FirstTime || time > LastTime) throw Wrong(column, "a time");
        return DateTimeOffset.FromUnixTimeMilliseconds(time);
    }

    public string Text(int column, int mostCharacters)
        => Value(column) is string text && text.Length <= mostCharacters
            ? text
            : throw Wrong(column, $"a text of at most {mostCharacters} characters");

    public byte[] Bytes(int column) => Value(column) as byte[] ?? throw Wrong(column, "bytes");

    public byte[] Bytes(int column, int length)
        => Value(column) is byte[] bytes && bytes.Length == length ? bytes : throw Wrong(column, $"{length} bytes");

    /// <summary>The error of a value that is not what it must be. Texts and bytes are not repeated.</summary>
    public GalleryException Wrong(int column, string expected)
    {
        var table = raw.sqlite3_column_table_name(reader.Handle, column).utf8_to_string();
        var row = (column > 0 ? Value(0) : null) switch
        {
            long number => FormattableString.Invariant($" of row {number}"),
            string name => $" of '{GalleryRules.Short(name)}'",
            _ => "",
        };
        var found = Value(column) switch
        {
            null => "nothing",
            string text => $"a text of {text.Length} characters",
            byte[] bytes => $"{bytes.Length} bytes",
            var number => FormattableString.Invariant($"{number}"),
        };
        return database.Damaged($"{(table is null ? "" : table + ".")}{reader.GetName(column)}{row} holds {found}, where {expected} is expected");
    }
}
