using System.Text.RegularExpressions;
using Npgsql;

namespace EdgeFace.Gallery.Postgres;

/// <summary>
/// Where a gallery lies, as people write it. No message repeats any of it but host, database and schema: the rest may be a password.
/// </summary>
static partial class PostgresConnection
{
    static readonly string[] Schemes = ["postgres://", "postgresql://"];

    public static bool IsAddress(string text) => Schemes.Any(s => text.StartsWith(s, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a text is meant for PostgreSQL and not a file's name.</summary>
    public static bool IsConnection(string text) => IsAddress(text) || HostKeyword().IsMatch(text);

    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        try
        {
            var builder = IsAddress(text) ? FromAddress(text) : new NpgsqlConnectionStringBuilder(text);
            if (string.IsNullOrEmpty(builder.Host)) throw new GalleryException("the connection to PostgreSQL names no host: begin with Host=...");
            builder.ApplicationName ??= "edgeface";
            return builder;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new GalleryException("the connection to PostgreSQL cannot be read: "
                + "write Host=...;Port=...;Database=...;Username=...;Password=..., with values in quotes where they hold a semicolon, "
                + "or postgres://user:password@host:port/database");
        }
    }

    public static string RequireSchema(string schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return SchemaName().IsMatch(schema) ? schema : throw new GalleryException(
            $"'{GalleryRules.Short(schema)}' is no name for a gallery's schema: "
            + "use 1 to 63 of a-z, 0-9 and _, beginning with a letter or _, and not with pg_");
    }

    static NpgsqlConnectionStringBuilder FromAddress(string text)
    {
        // An address may leave the host to an option; Uri wants one.
        var address = new Uri(NoHost().Replace(text, "$1localhost"));
        var builder = new NpgsqlConnectionStringBuilder { Host = Uri.UnescapeDataString(address.Host) };
        if (address.Port > 0) builder.Port = address.Port;
        if (address.UserInfo.Split(':', 2) is [{ Length: > 0 } user, ..] parts)
        {
            builder.Username = Uri.UnescapeDataString(user);
            if (parts.Length == 2) builder.Password = Uri.UnescapeDataString(parts[1]);
        }
        if (address.AbsolutePath.Length > 1) builder.Database = Uri.UnescapeDataString(address.AbsolutePath[1..]);
        foreach (var option in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = option.Split('=', 2) is [var n, var v] ? (n, Uri.UnescapeDataString(v)) : (option, "");
            builder[name switch
            {
                "host" => "Host",
                "port" => "Port",
                "sslmode" => "SSL Mode",
                "sslrootcert" => "Root Certificate",
                "sslcert" => "SSL Certificate",
                "sslkey" => "SSL Key",
                "connect_timeout" => "Timeout",
                "application_name" => "Application Name",
                _ => throw new ArgumentException("an option that is not known", nameof(text)),
            }] = name == "sslmode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }
        return builder;
    }

    [GeneratedRegex("^([a-z]+://([^/@]*@)?)(?=/)", RegexOptions.IgnoreCase)]
    private static partial Regex NoHost();

    [GeneratedRegex(@"(^|;)\s*(Host|Server)\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex HostKeyword();

    [GeneratedRegex(@"^(?!pg_)[a-z_][a-z0-9_]{0,62}\z")]
    private static partial Regex SchemaName();
}
