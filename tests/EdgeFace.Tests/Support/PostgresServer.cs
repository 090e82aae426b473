using System.Diagnostics;
using System.Text;
using Npgsql;

namespace EdgeFace.Tests.Support;

/// <summary>
/// A PostgreSQL server of the test's own, with pgvector and postgres_fdw at hand; gone with its data when disposed.
/// It listens on a Unix socket in its data folder alone, so servers beside it never clash.
/// It may be a fixture: nothing happens before the first database is asked for.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    static readonly TimeSpan MostToStart = TimeSpan.FromMinutes(2);

    // PostgreSQL refuses to run as root.
    static readonly string[] AsNobody = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];

    readonly string _folder = Path.Combine(Path.GetTempPath(), $"edgeface-{Guid.NewGuid():N}"); // its data and its socket
    Process? _process;
    int _databases;

    /// <summary>
    /// Creates an empty database, on a server made at the first call. Skips the running test, visibly, where there is no PostgreSQL.
    /// </summary>
    /// <returns>Its connection string, as superuser. Host, port, database and user serve as options of a foreign server too.</returns>
    public string NewDatabase()
    {
        if (!Directory.Exists(_folder))
        {
            Make();
            Start();
        }
        var name = $"test{++_databases}";
        using var source = NpgsqlDataSource.Create(Connection("postgres"));
        using var create = source.CreateCommand($"CREATE DATABASE {name}");
        create.ExecuteNonQuery();
        return Connection(name);
    }

    /// <summary>Starts the server again on the data it has, after <see cref="Kill"/>; returns when it takes connections.</summary>
    public void Start()
    {
        Assert.True(_process is null, "the server runs already");
        var log = new StringBuilder();
        var ready = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = Run("postgres", "-D", _folder, "-c", "listen_addresses=", "-c", $"unix_socket_directories={_folder}");
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (log) log.AppendLine(line.Data);
            if (line.Data is null) ready.TrySetResult(false); // it ended
            else if (line.Data.Contains("ready to accept connections", StringComparison.Ordinal)) ready.TrySetResult(true);
        };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        if (ready.Task.Wait(MostToStart) && ready.Task.Result) return;
        Dispose();
        lock (log) Assert.Fail($"PostgreSQL did not start: {log}");
    }

    /// <summary>Kills the server and all its processes at once (SIGKILL), as a crash would; its data stay for <see cref="Start"/>.</summary>
    public void Kill()
    {
        if (_process is null) return;
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        Kill();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    void Make()
    {
        using var made = Run("initdb", "-D", _folder, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync");
        var error = made.StandardError.ReadToEndAsync();
        made.StandardOutput.ReadToEnd();
        made.WaitForExit();
        Assert.True(made.ExitCode == 0, $"initdb failed: {error.GetAwaiter().GetResult()}");
    }

    string Connection(string database)
        => new NpgsqlConnectionStringBuilder { Host = _folder, Username = "postgres", Database = database }.ConnectionString;

    static Process Run(string program, params string[] args)
    {
        string[] line = [.. AsNobody, Path.Combine(ProgramsOrSkip(), program), .. args];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            WorkingDirectory = "/", RedirectStandardOutput = true, RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    static string ProgramsOrSkip()
    {
        if (Environment.GetEnvironmentVariable("EDGEFACE_TEST_POSTGRES") is { Length: > 0 } named)
        {
            Assert.True(File.Exists(Path.Combine(named, "postgres")), $"EDGEFACE_TEST_POSTGRES names {named}, which holds no program 'postgres'");
            return named;
        }
        if (!OperatingSystem.IsLinux()) Assert.Skip("needs PostgreSQL with pgvector: name the folder of its programs in EDGEFACE_TEST_POSTGRES");
        var found = ProcessRun.Of("bash", ["tests/postgres.sh", "--find"]);
        if (found.ExitCode != 0)
            Assert.Skip("needs PostgreSQL with pgvector: run tests/postgres.sh, "
                + $"or name the folder of its programs in EDGEFACE_TEST_POSTGRES ({found.Error.Trim()})");
        return found.Output.Trim();
    }
}
