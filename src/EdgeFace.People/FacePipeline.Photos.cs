using EdgeFace.Vision;

namespace EdgeFace.People;

public sealed partial class FacePipeline
{
    /// <summary>Finds and embeds every face of a picture; where pictures are crops, the picture is its one face.</summary>
    /// <exception cref="ImageFormatException">It cannot be read or decoded, or is no crop where crops are expected.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<EmbeddedPhoto> AnalyzeAsync(Photo photo, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(photo);
        return photo.WorkAsync((image, _) => new EmbeddedPhoto(new(image.Width, image.Height), All(image, photo.Name, cancellationToken)),
            cancellationToken);
    }

    /// <summary>Finds the faces of a picture and embeds the one that is meant; where pictures are crops, embeds the picture.</summary>
    /// <param name="photo">The picture.</param>
    /// <param name="choice">Which face; by default several are refused.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ImageFormatException">It cannot be read or decoded, or is no crop where crops are expected.</exception>
    /// <exception cref="NoFaceException">There is no face.</exception>
    /// <exception cref="SeveralFacesException">There are several and none was chosen, or the chosen one does not exist.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<AnalyzedCrop> SingleAsync(Photo photo, FaceChoice choice = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(photo);
        return photo.WorkAsync((image, _) => One(image, choice, photo.Name, cancellationToken), cancellationToken);
    }

    /// <summary>Whether the faces of two photos are one person's (1:1).</summary>
    /// <param name="a">The first photo.</param>
    /// <param name="b">The second photo.</param>
    /// <param name="decision">From which score on they are; by the card at an FMR of 1e-4 unless given.</param>
    /// <param name="choice">Which face where a photo shows several; by default several are refused.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EdgeFaceException">As for <see cref="SingleAsync"/>. Of two errors that of a photo that cannot be used is told before that
    /// of one without an answer, and else that of the first photo.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<Comparison> CompareAsync(
        Photo a, Photo b, Decision? decision = null, FaceChoice choice = default, CancellationToken cancellationToken = default)
    {
        decision ??= Decision.For(this);
        // The second photo waits for nothing of the first.
        var (first, second) = (SingleAsync(a, choice, cancellationToken), SingleAsync(b, choice, cancellationToken));
        try
        {
            await Task.WhenAll(first, second).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (first.Exception is not { } of || (IsNoAnswer(of) && second.Exception is { } other && !IsNoAnswer(other)))
                await second.ConfigureAwait(false);
            await first.ConfigureAwait(false);
        }
        return Comparison.Of(await first.ConfigureAwait(false), await second.ConfigureAwait(false), decision);

        static bool IsNoAnswer(Exception e) => EdgeFaceException.KindOf(e) == ErrorKind.NoAnswer;
    }

    /// <summary>One face of a picture: the only one, or the chosen one.</summary>
    internal AnalyzedCrop One(RgbImage image, FaceChoice choice, string name, CancellationToken stop = default)
        => Detects ? Analyzer.Single(image, choice, name, stop) : Analyzer.AnalyzeCrop(image, name);

    /// <summary>One face of a picture file: the only one, or the chosen one.</summary>
    internal AnalyzedCrop One(string path, FaceChoice choice)
    {
        using var picture = ImageCodec.Lease(path);
        return One(picture.Image, choice, path);
    }

    /// <summary>Every face of a picture.</summary>
    internal IReadOnlyList<AnalyzedCrop> All(RgbImage image, string name, CancellationToken stop = default)
        => Detects ? Analyzer.Analyze(image, stop) : [Analyzer.AnalyzeCrop(image, name)];

    /// <summary>Every face of an encoded picture.</summary>
    internal IReadOnlyList<AnalyzedCrop> All(ReadOnlySpan<byte> encoded, string name)
    {
        using var picture = ImageCodec.Lease(encoded, null, name);
        return All(picture.Image, name);
    }

    /// <summary>Every face of a picture file.</summary>
    internal IReadOnlyList<AnalyzedCrop> All(string path) => All(ImageCodec.ReadFile(path), path);
}
