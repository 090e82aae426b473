using EdgeFace.Vision;

namespace EdgeFace.People;

public sealed partial class FacePipeline
{
    /// <summary>Finds and embeds every face of a picture; a crop is its own one face.</summary>
    /// <exception cref="ImageFormatException">It cannot be read or decoded, or is no crop where crops are expected.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<EmbeddedPhoto> AnalyzeAsync(Photo photo, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(photo);
        return photo.WorkAsync((image, _) => new EmbeddedPhoto(image.Width, image.Height, All(image, photo.Name)), cancellationToken);
    }

    /// <summary>Finds the faces of a picture and embeds the one that is meant.</summary>
    /// <param name="photo">The picture.</param>
    /// <param name="choice">Which face; by default several are refused.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ImageFormatException">It cannot be read or decoded, or is no crop where crops are expected.</exception>
    /// <exception cref="NoFaceException">There is no face.</exception>
    /// <exception cref="SeveralFacesException">There are several and none was chosen, or the chosen one does not exist.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<EmbeddedFace> SingleAsync(Photo photo, FaceChoice choice = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(photo);
        return photo.WorkAsync((image, _) => One(image, choice, photo.Name), cancellationToken);
    }

    /// <summary>Whether the faces of two photos are one person's (1:1).</summary>
    /// <param name="a">The first photo.</param>
    /// <param name="b">The second photo.</param>
    /// <param name="decision">From which score on they are, <see cref="Decision.For"/> this pipeline.</param>
    /// <param name="choice">Which face where a photo shows several; by default several are refused.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EdgeFaceException">As for <see cref="SingleAsync"/>. Of two errors that of a photo that cannot be used is told before that
    /// of one without an answer, and else that of the first photo.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<Comparison> CompareAsync(
        Photo a, Photo b, Decision decision, FaceChoice choice = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(decision);
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
}
