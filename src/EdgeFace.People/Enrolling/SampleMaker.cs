using System.Security.Cryptography;
using EdgeFace.Files;
using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>Makes samples of pictures: reads, finds the face that is meant, embeds and judges it.</summary>
sealed class SampleMaker(FacePipeline pipeline, Decision decision, BulkEnrolmentOptions options)
{
    // Of both areas together. A box of the same face from other settings shares more, one of a neighbour less.
    const float LeastShared = 0.5f;

    /// <summary>As many pictures as are best made together: as many crops as the network takes at once.</summary>
    public int Together => pipeline.Detects ? 1 : 8;

    /// <summary>One outcome for each picture, in their order.</summary>
    /// <param name="pictures">Each with whether a picture of that hash is there already.</param>
    /// <param name="stop">Ends the work.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public MadeSample[] Make(IReadOnlyList<(EnrolmentItem Item, Func<string, bool> IsThere)> pictures, CancellationToken stop)
    {
        Looked[] looked = [.. pictures.Select(p => Look(p.Item, p.IsThere, stop))];
        var embedded = new Queue<AnalyzedCrop>(
            pipeline.Detects ? [] : pipeline.Analyzer.AnalyzeCrops([.. looked.Where(l => l.Crop is not null).Select(l => l.Crop!.Value)], stop));
        return [.. looked.Select(l => l.Crop is null && l.Face is null ? new(l.Item, Problem: l.Problem) : Admit(l, l.Face ?? embedded.Dequeue()))];
    }

    /// <summary>A picture that was read.</summary>
    readonly record struct Looked(EnrolmentItem Item)
    {
        public string? Sha256 { get; init; }

        /// <summary>Of a picture in which the face was found.</summary>
        public AnalyzedFace? Face { get; init; }

        /// <summary>Of a picture that is a crop, to be embedded with others.</summary>
        public ReadOnlyMemory<byte>? Crop { get; init; }

        public Problem? Problem { get; init; }
    }

    Looked Look(EnrolmentItem item, Func<string, bool> isThere, CancellationToken stop)
    {
        try
        {
            if (FileStatus.Of(item.File).Kind == FileKind.Special) throw new InputException($"{item.File}: a pipe, socket or device is no picture");
            var bytes = ImageCodec.ReadFile(item.File);
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
            if (isThere(sha256)) return new(item);
            using var picture = ImageCodec.Lease(bytes, null, item.File, stop);
            return pipeline.Detects ? new(item) { Sha256 = sha256, Face = FaceOf(picture.Image, item, stop) }
                : new(item) { Sha256 = sha256, Crop = FaceAnalyzer.Crop(picture.Image, item.File) };
        }
        catch (Exception e) when (Problem.OfItem(e) is { } problem)
        {
            return new(item) { Problem = problem };
        }
    }

    AnalyzedFace FaceOf(RgbImage image, EnrolmentItem item, CancellationToken stop)
    {
        if (item.Box is not { } box) return pipeline.Analyzer.Single(image, item.Face ?? options.Face, item.File, stop);
        var nearest = pipeline.Analyzer.Analyze(image, stop).MaxBy(f => f.Face.Box.IntersectionOverUnion(box))
            ?? throw new NoFaceException(item.File);
        return nearest.Face.Box.IntersectionOverUnion(box) >= LeastShared ? nearest : throw new InputException(FormattableString.Invariant(
            $"{item.File}: there is no face in the box from ({box.Left:f0}, {box.Top:f0}) to ({box.Right:f0}, {box.Bottom:f0})"));
    }

    MadeSample Admit(Looked looked, AnalyzedCrop face)
    {
        var item = looked.Item;
        if (decision.Refuses(face.Gate)) return new(item, Problem: Problem.OfItem(new UnrecognisableFaceException(item.File, face.Gate)));
        return new(item, new NewSample(face.Embedding)
        {
            Source = Path.GetFullPath(item.File),
            SourceSha256 = looked.Sha256,
            Quality = SampleFacts.QualityOf(face),
            Crop = options.KeepCrops ? SampleFacts.PngOf(face.Crop) : null,
        }, face);
    }
}
