using System.CommandLine;
using System.Security.Cryptography;
using EdgeFace.App.Galleries;
using EdgeFace.App.Output;
using EdgeFace.Files;
using EdgeFace.Gallery;
using EdgeFace.Vision;
using EdgeFace.Weights;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface gallery reembed</c>: binds a gallery to another model, from kept crops or from the pictures where they were.</summary>
static class GalleryReembedCommand
{
    public static Command Create(Terminal terminal)
    {
        var opener = new GalleryOpener();
        var model = CommonOptions.Model();
        var mirror = CommonOptions.MirrorSum();
        var minFace = CommonOptions.MinFace();
        var detector = CommonOptions.Detector();
        Option<bool> dropFailed = new("--drop-failed")
        {
            Description = "Delete the samples that cannot be embedded anew. Without it one of them leaves the gallery as it was.",
        };
        var json = CommonOptions.Json();
        var command = new Command("reembed", "Bind a gallery to another model: every embedding is made anew, from the kept crop, "
            + "or from the picture if it is unchanged where it was. All or nothing; nobody else may have the gallery open.");
        opener.AddTo(command);
        foreach (var option in (Option[])[model, mirror, minFace, detector, dropFailed, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            opener.RequireFile(parsed);
            var (former, samples) = Facts(opener, parsed);
            using var pipeline = new Pipeline(parsed.GetValue(model), former.ParseAligner() == AlignerSource.CropsGiven, parsed.GetValue(mirror),
                parsed.GetValue(minFace), parsed.GetValue(detector));
            var run = new Reembedder(pipeline, former);
            var result = terminal.WithProgress("embedding anew", (int)Math.Min(int.MaxValue, samples), step => SqliteGallery.Reembed(
                opener.RequireFile(parsed), opener.Options(parsed), pipeline.Contract,
                GalleryOpener.SpaceOf(parsed.GetValue(model)), batch => run.Embed(batch, step), parsed.GetValue(dropFailed)));
            ErrorJson[] errors = [.. run.Errors];
            if (result.Replaced)
                terminal.Changed = FormattableString.Invariant($"{result.Samples:n0} samples embedded anew, {result.Failed:n0} deleted");
            if (parsed.GetValue(json))
                JsonOutput.Write(terminal,
                    new("edgeface.reembed.v1", result.Replaced, ContractJson.Of(former), ContractJson.Of(pipeline.Contract),
                        result.Samples, run.FromCrops, run.FromSources, result.Replaced ? result.Failed : 0, errors),
                    PeopleJson.Default.ReembedJson);
            else
                Print(terminal, result, run, pipeline);
            return ImageBatch.Report(terminal, errors) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    static (EmbeddingContract Contract, long Samples) Facts(GalleryOpener opener, ParseResult parsed)
    {
        using var gallery = opener.Open(parsed);
        return (gallery.Contract, gallery.Info.Samples);
    }

    static void Print(Terminal terminal, Reembedding result, Reembedder run, Pipeline pipeline)
    {
        terminal.Out.WriteLine(result.Replaced
            ? FormattableString.Invariant($"{result.Samples:n0} samples embedded anew ")
                + FormattableString.Invariant($"({run.FromCrops:n0} from crops, {run.FromSources:n0} from pictures), {result.Failed:n0} deleted")
            : FormattableString.Invariant($"the gallery is as it was: {result.Failed:n0} of {result.Failed + result.Samples:n0} samples ")
                + "cannot be embedded anew (--drop-failed deletes them)");
        terminal.Out.WriteLine($"  {(result.Replaced ? "bound to" : "would be")}  {Text.Contract(ContractJson.Of(pipeline.Contract))}");
        terminal.Out.WriteLine($"  model     {Text.Model(pipeline.Embedder.Card)}");
    }

    /// <summary>Makes embeddings of stored samples, on all cores.</summary>
    sealed class Reembedder(Pipeline pipeline, EmbeddingContract former)
    {
        // How exactly the facts of a sample were stored.
        const double WidthStep = 0.1, ScoreStep = 1e-4;

        // A crop of another detector or aligner shows the face elsewhere.
        readonly bool _cropsFit = former.Aligner == pipeline.Contract.Aligner;

        public List<ErrorJson> Errors { get; } = [];

        public long FromCrops { get; private set; }

        public long FromSources { get; private set; }

        public IReadOnlyList<Embedding?> Embed(IReadOnlyList<StoredSample> samples, Action done)
        {
            var made = samples.AsParallel().AsOrdered().Select(sample =>
            {
                try
                {
                    return (Embedding: (Embedding?)OfSample(sample), Error: (Problem?)null);
                }
                catch (Exception e) when (Problem.OfItem(e) is { } problem)
                {
                    return (Embedding: null, Error: (Problem?)problem);
                }
                finally
                {
                    done();
                }
            }).ToArray();
            foreach (var (sample, (_, error)) in samples.Zip(made))
            {
                var it = sample.Sample;
                if (error is { } problem)
                    Errors.Add(ErrorJson.Of(it.Source ?? $"sample {it.Id}",
                        problem with { Message = $"sample {it.Id} of person {it.PersonId}: {problem.Message}" }));
                else if (_cropsFit && sample.Crop is not null) FromCrops++;
                else FromSources++;
            }
            return [.. made.Select(m => m.Embedding)];
        }

        Embedding OfSample(StoredSample stored)
        {
            var sample = stored.Sample;
            if (_cropsFit && stored.Crop is { } crop) return pipeline.OfCrop(crop, $"the crop of sample {sample.Id}");
            if (sample.Source is not { } source || sample.SourceSha256 is not { } sha256)
                throw new InputException("there is no crop that fits, and it is not known where the picture is");
            if (FileStatus.Of(source).Kind != FileKind.Regular)
                throw new InputException($"there is no crop that fits, and the picture is gone: {source}");
            var bytes = ImageCodec.ReadFile(source);
            if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != sha256)
                throw new InputException($"there is no crop that fits, and the picture has changed: {source}");
            var faces = pipeline.All(bytes, source);
            if (faces.Count > 1) faces = [.. faces.Where(f => IsThat(f.Face!, sample.Quality))];
            return faces.Count == 1 ? faces[0].Embedding : throw new InputException(
                $"there is no crop that fits, and which face of {source} was enrolled cannot be told any more");
        }

        static bool IsThat(Face face, SampleQuality enrolled)
            => Math.Abs(face.Box.Width - enrolled.FaceWidth ?? double.NaN) <= WidthStep
                && Math.Abs(face.Score - enrolled.DetectorScore ?? double.NaN) <= ScoreStep;
    }
}
