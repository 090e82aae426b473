using EdgeFace.App;
using EdgeFace.App.Galleries;
using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.Bench;

/// <summary>What <c>edgeface enroll --aligned</c> does with files of crops, against the embedder alone on the same crops in memory, both on all cores.</summary>
static class Enrolment
{
    const int Crops = 64, Blocks = 21;

    public static int Run(bool write)
    {
        var folder = Directory.CreateTempSubdirectory("edgeface-bench-").FullName;
        try
        {
            using var pipeline = new Pipeline(null, aligned: true, mirrorSum: false, minFace: 24);
            using var model = DefaultModels.OpenRecogniser();
            using var embedder = new FaceEmbedder(model, new() { BatchThreads = Environment.ProcessorCount });
            var crops = Distinct(BenchData.Crops(Crops));
            var embeddings = new float[Crops * FaceEmbedder.Dimension];
            var files = Save(crops, folder);
            var threshold = pipeline.Embedder.Card.Thresholds.First(t => t.Fmr <= 1e-4).OneCrop;
            var report = new Report("enrolment");
            report.Line($"{Crops} aligned crops a block, {Environment.ProcessorCount} threads, {Blocks} pairs of blocks. Enrolling reads and decodes PNG files, hashes, embeds, looks for people who resemble the new one, and commits each sample.");
            report.Line("");
            report.Line("| against the embedder alone | embedder, crops/s | enrolling, crops/s | share | quartiles |");
            report.Line("|---|---|---|---|---|");
            foreach (var (what, looks) in ((string, double?)[])[("enrolment as `enroll` does it", threshold), ("without looking for resemblance", null)])
            {
                var run = 0;
                using var gallery = SqliteGallery.Create(Path.Combine(folder, $"{looks is null}.db"), pipeline.Contract, EmbeddingSpace.Of(model), new());
                var pairs = Pairs.Measure(() =>
                {
                    var block = run++;
                    var result = new Enroller(gallery, pipeline, new(FaceChoice.Only, KeepCrops: false, looks)).Run([.. files.Select((f, i) => new EnrolmentItem(f, new NewPerson($"{block}-{i}")))], () => { });
                    if (result.Enrolled.Count != Crops) throw new InvalidOperationException($"{result.Enrolled.Count} of {Crops} crops were enrolled: {(result.Errors is [var first, ..] ? first.Message : "the others are there already")}");
                }, () => embedder.EmbedBatch(crops, Crops, embeddings), Blocks, 1);
                report.Line($"| {what} | {1000 * Crops / pairs.Theirs:f0} | {1000 * Crops / pairs.Ours:f0} | {pairs.Ratio:p0} | {pairs.Lower:p0} to {pairs.Upper:p0} |");
            }
            report.Line("");
            report.Line($"Share: the time of the embedder over that of enrolling, median over neighbouring blocks. Load of the machine at the end: {Report.Load}.");
            if (write) report.Write();
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>No two of the crops are the same picture.</summary>
    static byte[] Distinct(byte[] crops)
    {
        var random = new Random(1);
        for (var i = 0; i < crops.Length; i++) crops[i] = (byte)Math.Clamp(crops[i] + random.Next(-4, 5), 0, 255);
        return crops;
    }

    static string[] Save(byte[] crops, string folder) => [.. Enumerable.Range(0, Crops).Select(i =>
    {
        var file = Path.Combine(folder, $"{i}.png");
        File.WriteAllBytes(file, ImageCodec.EncodePng(new RgbImage(FaceEmbedder.CropSize, FaceEmbedder.CropSize, crops.AsSpan(i * FaceEmbedder.CropBytes, FaceEmbedder.CropBytes).ToArray())));
        return file;
    })];
}
