using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using EdgeFace.Gallery;
using Microsoft.Win32.SafeHandles;

namespace EdgeFace.Bench;

/// <summary>
/// A SQLite gallery of a million samples: opening it from the table and from the index file, closing, searching, deleting. Cold is with the
/// files dropped from the system's cache. Then one of fewer samples, searched by one and by several callers (<see cref="GalleryCallers"/>).
/// </summary>
static partial class GalleryOpening
{
    const int Rank = 116, Samples = 1_000_000, Rounds = 5;

    static readonly EmbeddingContract Contract = new("bench", new string('0', 64), Rank, "rgb112-v1", FaceEmbedder.CropsGiven);

    public static int Run(bool write)
    {
        var folder = Directory.CreateTempSubdirectory("edgeface-bench-").FullName;
        try
        {
            var path = Path.Combine(folder, "people.db");
            Fill(path, Samples);
            Dictionary<string, List<double>> times = [];
            for (var round = 0; round < Rounds; round++)
            {
                SqliteIndexFile.Delete(path);
                DropFromCache(path);
                using (var gallery = Timed("open cold, no index file", () => Open(path)))
                    Timed("close, index file written", () => { gallery.Dispose(); return 0; });
                SqliteIndexFile.Delete(path);
                using (Timed("open warm, no index file", () => Open(path))) { }
                DropFromCache(path);
                DropFromCache(SqliteIndexFile.PathOf(path));
                using (Timed("open cold, index file current", () => Open(path))) { }
                using var opened = Timed("open warm, index file current", () => Open(path));
                var probe = opened.EmbeddingOf(1 + 1000 * round)!;
                opened.Search([probe], 10);
                Timed("search, 10 people with their names", () => opened.Search([probe], 10));
                Timed("delete a person and clear", () => opened.DeletePerson(500 + round));
            }
            var report = new Report("gallery");
            report.Line($"{Samples:N0} people with a sample each, rank {Rank}, {new FileInfo(path).Length >> 20} MiB. "
                + $"Median of {Rounds}; load {Report.Load}.");
            report.Line("");
            report.Line("| | median ms | slowest ms |");
            report.Line("|---|---|---|");
            foreach (var (what, measured) in times) report.Line($"| {what} | {measured.Order().ElementAt(Rounds / 2):f1} | {measured.Max():f1} |");
            GalleryCallers.Measure(Path.Combine(folder, "callers.db"), report);
            if (write) report.Write();
            return 0;

            T Timed<T>(string what, Func<T> work)
            {
                var clock = Stopwatch.StartNew();
                var result = work();
                if (!times.TryGetValue(what, out var list)) times.Add(what, list = []);
                list.Add(clock.Elapsed.TotalMilliseconds);
                return result;
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal static SqliteGallery Open(string path) => SqliteGallery.Open(path, Contract, new());

    /// <summary>Rows as enrolment writes them, in one transaction.</summary>
    internal static void Fill(string path, int samples)
    {
        SqliteGallery.Create(path, Contract, EmbeddingSpace.Full(Rank), new()).Dispose();
        using var database = new SqliteDatabase(path, TimeSpan.FromSeconds(30));
        using var cipher = new FieldCipher(null, [], SqliteSchema.Version);
        var random = new Random(1);
        var values = new float[Rank];
        var halves = new Half[Rank];
        database.Transaction(() =>
        {
            for (long id = 1; id <= samples; id++)
            {
                for (var i = 0; i < Rank; i++) values[i] = random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f;
                TensorPrimitives.Divide(values, TensorPrimitives.Norm<float>(values), values);
                TensorPrimitives.ConvertToHalf(values, halves);
                string name = $"person {id}", hash = id.ToString("x64");
                database.Execute("INSERT INTO persons (id, created, name, name_lookup) VALUES ($0, $1, $2, $3)",
                    id, 0L, name, cipher.Lookup(name, "name"));
                database.Execute("INSERT INTO samples "
                    + "(id, person_id, created, coordinates, face_width, detector_score, source, source_sha256, source_lookup) "
                    + "VALUES ($0, $0, $1, $2, $3, $4, $5, $6, $7)",
                    id, 0L, MemoryMarshal.AsBytes(halves.AsSpan()).ToArray(), 120.5, 0.99, $"people/{id}/1.jpg", hash,
                    cipher.Lookup(hash, "source"));
            }
            return 0;
        });
    }

    static void DropFromCache(string path)
    {
        if (!OperatingSystem.IsLinux()) return;
        const int dontNeed = 4;
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
        _ = Advise(file, 0, 0, dontNeed);
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
