using System.Globalization;
using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;
using EdgeFace.Tests.Gallery;

// Does jobs of a gallery in PostgreSQL, slowly, and names each before it is done.
if (args is ["work", var connection, var milliseconds])
{
    using var queue = PostgresGallery.Open(connection, KnownPeople.Contract, new());
    queue.Jobs(mostAttempts: 100).Work("child", TimeSpan.FromSeconds(2), job =>
    {
        Console.WriteLine(job.Id);
        Thread.Sleep(int.Parse(milliseconds, CultureInfo.InvariantCulture));
        return [new(KnownPeople.Photo((int)job.Id, 1)) { Source = job.Source }];
    });
    return 0;
}

// Opens a gallery, which brings an older version up.
if (args is ["open", var older])
{
    Console.WriteLine("started");
    using var opened = SqliteGallery.Open(older, null, new() { Key = GalleryKey.FromEnvironment() });
    Console.WriteLine("ok");
    return 0;
}

// Changes a gallery until it is killed, and says what it is about to do and what is done: "+ KEY PHOTOS" once or, for changes brought together,
// several times, then "ok"; "- KEY", then "ok".
if (args is not ["churn", var path, var seedText, var prefix])
{
    Console.Error.WriteLine("usage: churn GALLERY SEED PREFIX | open GALLERY | work CONNECTION MILLISECONDS");
    return 2;
}
var random = new Random(int.Parse(seedText, CultureInfo.InvariantCulture));
using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
output.WriteLine("started");
using var gallery = SqliteGallery.OpenOrCreate(path, KnownPeople.Contract, KnownPeople.Space, new() { Key = GalleryKey.FromEnvironment() });
var mine = gallery.Persons(0, 100_000).Select(p => p.ExternalKey!).Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).ToList();
for (var number = random.Next(1 << 20) * 1000; ; number++)
{
    if (mine.Count > 0 && random.Next(mine.Count + 30) > 30)
    {
        var key = mine[random.Next(mine.Count)];
        mine.Remove(key);
        output.WriteLine($"- {key}");
        gallery.DeletePerson(gallery.FindPerson(key)!.Id);
    }
    else
    {
        var keys = Enumerable.Range(0, random.Next(4) == 0 ? 2 + random.Next(6) : 1)
            .Select(_ => (Key: $"{prefix}{number++}", Photos: 1 + random.Next(3))).ToList();
        if (keys.Count == 1) Enrol(keys[0]);
        else gallery.Together(() => keys.ForEach(Enrol));
        mine.AddRange(keys.Select(k => k.Key));
    }
    output.WriteLine("ok");
}

void Enrol((string Key, int Photos) who)
{
    output.WriteLine($"+ {who.Key} {who.Photos}");
    gallery.Enrol(KnownPeople.Churned(who.Key), KnownPeople.ChurnedSamples(who.Key, who.Photos));
}
