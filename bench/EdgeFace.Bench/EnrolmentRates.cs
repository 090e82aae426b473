using EdgeFace.App;
using EdgeFace.Gallery;
using EdgeFace.Models;
using EdgeFace.Vision;

namespace EdgeFace.Bench;

/// <summary>
/// What <c>edgeface enroll --aligned</c> does with files of crops, against the embedder alone on the same crops in memory, both on all cores.
/// </summary>
static class EnrolmentRates
{
    const int Crops = 128, Blocks = 21;

    public static int Run(bool write)
    {
        var folder = Directory.CreateTempSubdirectory("edgeface-bench-").FullName;
        try
        {
            using var pipeline = FacePipeline.Open(new() { Input = AnalyzerInput.Crops });
            using var model = DefaultModels.OpenRecogniser();
            using var embedder = new FaceEmbedder(model, new() { BatchThreads = Environment.ProcessorCount });
            var files = Directory.GetFiles(Path.GetDirectoryName(BenchData.Shared("lfw/pairs.csv"))!, "*.jpg", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal).Chunk(Crops).Take(Blocks + 2).ToArray();
            byte[][] crops = [.. files.Select(block => block.SelectMany(f => ImageCodec.Load(f).Pixels.ToArray()).ToArray())];
            var embeddings = new float[Crops * EdgeFaceConfig.EmbeddingSize];
            var threshold = pipeline.Card.Thresholds.First(t => t.Fmr <= 1e-4).OneCrop;
            var report = new Report("enrolment");
            report.Line($"{Crops} aligned crops a block, {Environment.ProcessorCount} threads, {Blocks} pairs of blocks. "
                + "Every block is of other photos of LFW. Enrolling reads and decodes the files, hashes, embeds, "
                + "looks for people who resemble the new one, and commits, those together that are ready together.");
            report.Line("");
            report.Line("| against the embedder alone | embedder, crops/s | enrolling, crops/s | share | quartiles |");
            report.Line("|---|---|---|---|---|");
            foreach (var (what, looks) in ((string, double)[])
                [("enrolment as `enroll` does it", threshold), ("without looking for resemblance", Enrolment.SameImageScore)])
            {
                var (ours, theirs) = (0, 0);
                using var gallery = SqliteGallery.Create(
                    Path.Combine(folder, FormattableString.Invariant($"{looks}.db")), pipeline.Contract, EmbeddingSpace.Of(model), new());
                var pairs = Pairs.Measure(() =>
                {
                    var block = files[ours++];
                    using var people = new PeopleGallery(gallery, pipeline, Decision.For(pipeline, new() { Threshold = looks }));
                    var result = new BulkEnrolment(people).RunAsync(block.Select(f => new EnrolmentItem(f, new NewPerson(Path.GetFileName(f)))))
                        .GetAwaiter().GetResult();
                    // One of the crops cannot be recognised, and is embedded and judged all the same.
                    if (result.Enrolled.Count + result.NoAnswer.Count != Crops)
                        throw new InvalidOperationException($"{result.Enrolled.Count} of {Crops} crops were enrolled: "
                            + (result.Failed is [var first, ..] ? first.Reason : "the others are there already"));
                }, () => embedder.EmbedBatch(crops[theirs++], Crops, embeddings), Blocks, 1);
                report.Line($"| {what} | {1000 * Crops / pairs.Theirs:f0} | {1000 * Crops / pairs.Ours:f0} "
                    + $"| {pairs.Ratio:p0} | {pairs.Lower:p0} to {pairs.Upper:p0} |");
            }
            report.Line("");
            report.Line("Share: the time of the embedder over that of enrolling, median over neighbouring blocks. "
                + $"Load of the machine at the end: {Report.Load}.");
            if (write) report.Write();
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
