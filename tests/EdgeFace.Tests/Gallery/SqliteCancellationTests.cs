using EdgeFace.Gallery;
using EdgeFace.Tests.Support;
using Microsoft.Data.Sqlite;

namespace EdgeFace.Tests.Gallery;

/// <summary>Calls that are cancelled end, and leave the gallery as before or as after.</summary>
public sealed class SqliteCancellationTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    readonly TempFolder _folder = new();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    SqliteGallery New() => SqliteGallery.Create(_folder["people.db"], KnownPeople.Contract, KnownPeople.Space, new());

    [Fact]
    public async Task Change_ends_although_the_writer_it_waits_for_never_does()
    {
        await using var gallery = New();
        gallery.AddPerson(new("Ann"));
        var before = GalleryCalls.Content(gallery);
        using (var other = new SqliteConnection($"Data Source={_folder["people.db"]};Pooling=False"))
        {
            other.Open();
            using var transaction = other.BeginTransaction(deferred: false);
            using var cancel = new CancellationTokenSource();
            var first = gallery.AddPersonAsync(new("Bob"), cancel.Token);
            var second = gallery.EnrolAsync(1, new(KnownPeople.Photo(1, 1)), cancellationToken: cancel.Token);
            await Task.Delay(20, Cancel);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(Patience, Cancel));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(Patience, Cancel));
        }
        // Behind what was cancelled, so it has ended.
        await gallery.UpdatePersonAsync(1, new("Ann"), Cancel);
        Assert.Equal(before, GalleryCalls.Content(gallery));
        Assert.Empty(gallery.Check().Problems);
    }

    [Fact]
    public void Statement_is_ended_wherever_it_is()
    {
        using var database = new SqliteDatabase();
        using var cancel = new CancellationTokenSource();
        using var timer = new Timer(_ => cancel.Cancel(), null, 30, Timeout.Infinite);
        const string Endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
        Assert.ThrowsAny<OperationCanceledException>(() => SqliteCancellation.Run(() => database.Number(Endless), cancel.Token));
        // The connection is as it was, and other work of this thread is not cancelled.
        Assert.Equal(3, database.Number("SELECT 3"));
    }

    [Fact]
    public void Transaction_is_undone_until_its_commit_and_never_after()
    {
        using var database = new SqliteDatabase();
        database.Script("CREATE TABLE t (i)");
        using var cancel = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => SqliteCancellation.Run(() => database.Transaction(() =>
        {
            database.Execute("INSERT INTO t VALUES (1)");
            cancel.Cancel();
            return 0;
        }), cancel.Token));
        Assert.Equal(0, database.Number("SELECT count(*) FROM t"));
        using var late = new CancellationTokenSource();
        Assert.Equal(1, SqliteCancellation.Run(() =>
        {
            database.Transaction(() => database.Execute("INSERT INTO t VALUES (1)"));
            late.Cancel();
            return database.Number("SELECT count(*) FROM t");
        }, late.Token));
    }
}
