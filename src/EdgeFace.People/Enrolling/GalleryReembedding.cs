using System.Security.Cryptography;
using EdgeFace.Files;
using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>
/// Binds a gallery in a file to another model: every embedding is made anew, on all cores, from the stored crop, or from the picture if it is
/// unchanged where it was. All or nothing; nobody else may have the gallery open meanwhile.
/// </summary>
public static class GalleryReembedding
{
    /// <summary>Embeds every sample anew.</summary>
    /// <param name="path">The gallery's file.</param>
    /// <param name="pipeline">The new models. Stored crops serve where detector and aligner are those of the gallery.</param>
    /// <param name="options">What becomes of samples that cannot be embedded.</param>
    /// <param name="key">The key, if the gallery is encrypted.</param>
    /// <param name="progress">Told of each sample; on threads of the pool, by several at once.</param>
    /// <param name="cancellationToken">Ends it, after the pictures in hand at the latest; the gallery is as it was.</param>
    /// <exception cref="GalleryException">It cannot be opened, or somebody else has it open.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Task<ReembedResult> RunAsync(string path, FacePipeline pipeline, ReembedOptions? options = null, GalleryKey? key = null,
        IProgress<ReembeddedSample>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(pipeline);
        return Task.Run(() => Run(path, pipeline, options ?? new(), new() { Key = key }, progress, cancellationToken), cancellationToken);
    }

    static ReembedResult Run(string path, FacePipeline pipeline, ReembedOptions options, SqliteGalleryOptions opening,
        IProgress<ReembeddedSample>? progress, CancellationToken stop)
    {
        EmbeddingContract former;
        using (var gallery = SqliteGallery.Open(path, null, opening)) former = gallery.Contract;
        // A crop of another detector or aligner shows the face elsewhere.
        var cropsFit = former.Aligner == pipeline.Contract.Aligner;
        List<ReembeddedSample> failed = [], unrecognisable = [];
        var (fromCrops, fromPictures) = (0L, 0L);
        var done = SqliteGallery.Reembed(path, opening, pipeline.Contract, pipeline.OpenSpace(), Embed, options.DropFailed);
        return new()
        {
            Replaced = done.Replaced, Former = former, Contract = pipeline.Contract, FromCrops = fromCrops, FromPictures = fromPictures,
            Failed = failed, Unrecognisable = unrecognisable,
        };

        IReadOnlyList<Embedding?> Embed(IReadOnlyList<StoredSample> samples)
        {
            // What waits for a core is not begun once it is cancelled; an exception of the query would tell of all that were.
            var made = samples.AsParallel().AsOrdered().Select(sample => stop.IsCancellationRequested ? default : Make(sample)).ToArray();
            stop.ThrowIfCancellationRequested();
            foreach (var (sample, _) in made)
            {
                if (sample.From == ReembedSource.Crop) fromCrops++;
                else if (sample.From == ReembedSource.Picture) fromPictures++;
                else failed.Add(sample);
                if (sample.Gate is { IsRecognisable: false }) unrecognisable.Add(sample);
            }
            return [.. made.Select(m => m.Embedding)];
        }

        (ReembeddedSample Sample, Embedding? Embedding) Make(StoredSample stored)
        {
            var sample = stored.Sample;
            (ReembeddedSample Sample, Embedding? Embedding) made;
            try
            {
                var crop = cropsFit ? stored.Crop : null;
                var face = crop is not null ? pipeline.Analyzer.AnalyzeCrop(crop, $"the crop of sample {sample.Id}", stop)
                    : OfPicture(pipeline, sample, stop);
                var from = crop is null ? ReembedSource.Picture : ReembedSource.Crop;
                made = (new() { Sample = sample, From = from, Gate = face.Gate }, face.Embedding);
            }
            catch (OperationCanceledException)
            {
                return default;
            }
            catch (Exception e) when (Problem.OfItem(e) is { } problem)
            {
                var named = problem with { Message = $"sample {sample.Id} of person {sample.PersonId}: {problem.Message}" };
                made = (new() { Sample = sample, Problem = named }, null);
            }
            progress?.Report(made.Sample);
            return made;
        }
    }

    static AnalyzedCrop OfPicture(FacePipeline pipeline, Sample sample, CancellationToken stop)
    {
        const string NoCrop = "there is no crop that fits";
        if (sample.Source is not { } source || sample.SourceSha256 is not { } sha256)
            throw new InputException($"{NoCrop}, and it is not known where the picture is");
        if (FileStatus.Of(source).Kind != FileKind.Regular) throw new InputException($"{NoCrop}, and the picture is gone: {source}");
        var bytes = ImageCodec.ReadFile(source);
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != sha256)
            throw new InputException($"{NoCrop}, and the picture has changed: {source}");
        using var picture = ImageCodec.Lease(bytes, null, source, stop);
        var faces = pipeline.All(picture.Image, source, stop);
        if (faces.Count > 1) faces = [.. faces.Where(f => f.FaceOf() is { } face && IsThat(face, sample.Quality))];
        return faces.Count == 1 ? faces[0]
            : throw new InputException($"{NoCrop}, and which face of {source} was enrolled cannot be told any more");
    }

    static bool IsThat(Face face, SampleQuality enrolled)
    {
        // How exactly the facts of a sample were stored.
        const double WidthStep = 0.1, ScoreStep = 1e-4;
        return Math.Abs(face.Box.Width - enrolled.FaceWidth ?? double.NaN) <= WidthStep
            && Math.Abs(face.Score - enrolled.DetectorScore ?? double.NaN) <= ScoreStep;
    }
}
