using System.Diagnostics;
using System.Globalization;
using System.Text;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

/// <summary>
/// Processes that change a gallery are killed at random moments; what they were told is done must be done.
/// EDGEFACE_GALLERY_KILLS sets how often, 100 for each gallery without it.
/// </summary>
public sealed class SqliteKillTests(ITestOutputHelper output)
{
    static readonly string Program
        = AppContext.BaseDirectory.Replace("EdgeFace.Tests", "EdgeFace.GalleryProbe", StringComparison.Ordinal) + "EdgeFace.GalleryProbe";

    static int Kills => int.Parse(Environment.GetEnvironmentVariable("EDGEFACE_GALLERY_KILLS") ?? "100", CultureInfo.InvariantCulture);

    /// <summary>What one process was told, and what it was doing when it died.</summary>
    sealed class Ledger
    {
        public Dictionary<string, int> Enrolled { get; } = [];
        public HashSet<string> Deleted { get; } = [];
        public List<(string Key, int Photos)> Unfinished { get; } = [];

        public void Acknowledge()
        {
            foreach (var (key, photos) in Unfinished)
                if (photos > 0) Enrolled.Add(key, photos);
                else if (Enrolled.Remove(key)) Deleted.Add(key);
            Unfinished.Clear();
        }
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task Killed_at_any_moment_nothing_acknowledged_is_lost(int seed, bool encrypted)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("processes are killed by SIGKILL here");
        Assert.True(File.Exists(Program), $"{Program} is missing: build the solution (./test.sh does)");
        using var folder = new TempFolder();
        var path = folder["people.db"];
        var key = encrypted ? GalleryKey.Generate() : null;
        SqliteGallery.Create(path, KnownPeople.Contract, KnownPeople.Space, new() { Key = key }).Dispose();
        var random = new Random(seed);
        Ledger[] ledgers = [new(), new()];
        int acknowledged = 0, whileWorking = 0, kills = 0;
        for (var round = 0; kills < Kills; round++)
        {
            // Every fifth time two processes change the gallery together.
            var count = round % 5 == 4 ? 2 : 1;
            var dying = Enumerable.Range(0, count).Select(i => Churn(path, key, random.Next(), $"T{i}x", ledgers[i],
                TimeSpan.FromMilliseconds(random.Next(30)), killAfter: Math.Max(-1, random.Next(-4, 8)))).ToArray();
            foreach (var told in await Task.WhenAll(dying))
            {
                kills++;
                acknowledged += told;
                if (told > 0) whileWorking++;
            }
            Verify(path, key, folder.Path, ledgers);
        }
        output.WriteLine($"{kills} kills, {whileWorking} of them after something was acknowledged; {acknowledged} changes acknowledged, "
            + $"{ledgers.Sum(l => l.Enrolled.Count)} people left, {ledgers.Sum(l => l.Deleted.Count)} deleted");
        Assert.True(whileWorking > kills / 4, "hardly any process was killed while it worked");
        Assert.True(ledgers.Sum(l => l.Deleted.Count) > 0, "nobody was deleted");
    }

    /// <summary>
    /// Starts a process and kills it some time after so many acknowledged changes; after it has begun the first for 0,
    /// after its start for -1. Gives how often it said that something is done.
    /// </summary>
    static async Task<int> Churn(string path, GalleryKey? key, int seed, string prefix, Ledger ledger, TimeSpan life, int killAfter)
    {
        var start = new ProcessStartInfo(Program, ["churn", path, seed.ToString(CultureInfo.InvariantCulture), prefix])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment[GalleryKey.Variable] = key?.ToBase64();
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var acknowledged = 0;
        var killer = killAfter < 0 ? Kill() : null;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["started"]: break;
                case ["ok"]:
                    ledger.Acknowledge();
                    if (++acknowledged == killAfter) killer ??= Kill();
                    break;
                // A line may have been cut by the kill; its change was not begun then.
                case ["+", var who, var photos]:
                    ledger.Unfinished.Add((who, int.Parse(photos, CultureInfo.InvariantCulture)));
                    if (killAfter == 0) killer ??= Kill();
                    break;
                case ["-", var who] when ledger.Enrolled.ContainsKey(who):
                    ledger.Unfinished.Add((who, 0));
                    if (killAfter == 0) killer ??= Kill();
                    break;
            }
        }
        if (killer is not null) await killer;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 128 + 9, $"the process ended by itself: {await error}");
        return acknowledged;

        async Task Kill()
        {
            await Task.Delay(life);
            process.Kill();
        }
    }

    static void Verify(string path, GalleryKey? key, string folder, Ledger[] ledgers)
    {
        using var gallery = SqliteGallery.Open(path, KnownPeople.Contract, new() { Key = key });
        Assert.Empty(gallery.Check().Problems);
        foreach (var ledger in ledgers)
        {
            Settle(gallery, ledger);
            foreach (var (who, photos) in ledger.Enrolled) AssertThere(gallery, who, photos);
            foreach (var who in ledger.Deleted)
            {
                Assert.Null(gallery.FindPerson(who));
                Assert.True(Bytes.Find(folder, Encoding.UTF8.GetBytes($" of {who}.")) < 0, $"{who} was deleted and is still in a file");
            }
        }
        Assert.Equal(ledgers.Sum(l => l.Enrolled.Count), gallery.Info.Persons);
    }

    /// <summary>What was not acknowledged is done or not, but not by half.</summary>
    static void Settle(SqliteGallery gallery, Ledger ledger)
    {
        if (ledger.Unfinished.Count == 0) return;
        var done = ledger.Unfinished.Select(u => gallery.FindPerson(u.Key) is not null == u.Photos > 0).Distinct().ToList();
        Assert.True(done.Count == 1, $"of changes brought together some are there: {string.Join(", ", ledger.Unfinished.Select(u => u.Key))}");
        if (done[0]) ledger.Acknowledge();
        ledger.Unfinished.Clear();
    }

    static void AssertThere(SqliteGallery gallery, string who, int photos)
    {
        var person = gallery.FindPerson(who);
        Assert.True(person is not null, $"{who} was acknowledged and is gone");
        Assert.Equal((KnownPeople.Churned(who).Name, photos), (person.Name, person.Samples));
        foreach (var (sample, expected) in gallery.Samples(person.Id).Zip(KnownPeople.ChurnedSamples(who, photos)))
        {
            Assert.Equal(1, gallery.EmbeddingOf(sample.Id)!.Score(expected.Embedding), 1e-5);
            Assert.Equal(expected.Crop!.Value.ToArray(), gallery.Crop(sample.Id));
        }
    }
}
