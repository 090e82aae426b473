using System.Net;
using System.Net.Http.Headers;
using EdgeFace.Files;

namespace EdgeFace.People;

/// <summary>
/// Downloads a checkpoint: into a partial file that a later try resumes, then checked (size, SHA-256 where known, and that it is the network it
/// claims to be), then renamed. Until the rename nothing stands under the model's name.
/// </summary>
static class ModelDownload
{
    // Larger than any official checkpoint in fp32 by a factor: a server must not fill the disk.
    const long MostBytes = 512L << 20;

    const int MostRedirects = 10;

    static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15), StallTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Whether a file may be asked for there: what goes over a network is encrypted.</summary>
    public static bool MayAsk(Uri url)
        => url.IsAbsoluteUri && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp && url.IsLoopback);

    /// <exception cref="InputException">The server cannot be reached or gives something else.</exception>
    public static async Task RunAsync(OfficialModel model, Uri url, string target, IProgress<DownloadProgress>? progress, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var partial = target + ".partial";
        try
        {
            await FetchAsync(model, url, partial, progress, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or HttpIOException)
        {
            var kept = new FileInfo(partial) is { Exists: true, Length: > 0 };
            if (!kept) File.Delete(partial);
            stop.ThrowIfCancellationRequested();
            throw new ModelDownloadException($"cannot download {url}: {Reason(e)}", target, kept, e);
        }
        await Task.Run(() => Check(model, partial, url), CancellationToken.None).ConfigureAwait(false);
        File.Move(partial, AtomicFile.Target(target), overwrite: true);
    }

    static async Task FetchAsync(OfficialModel model, Uri url, string partial, IProgress<DownloadProgress>? progress, CancellationToken stop)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout, AutomaticDecompression = DecompressionMethods.None, AllowAutoRedirect = false,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        using var file = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        if (model.Bytes is { } size && file.Length > size) file.SetLength(0);
        if (file.Length > 0 && file.Length == model.Bytes) return;
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(stop);
        stall.CancelAfter(StallTimeout);
        using var response = await AskAsync(client, url, file.Length, stall.Token).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // The partial file is as long as the whole: if it is not the whole, the check says so.
            return;
        }
        if (!response.IsSuccessStatusCode) throw new HttpRequestException($"the server answers {(int)response.StatusCode} {response.ReasonPhrase}");
        if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != file.Length) file.SetLength(0);
        file.Seek(0, SeekOrigin.End);
        var total = model.Bytes ?? file.Length + response.Content.Headers.ContentLength;
        var most = model.Bytes ?? MostBytes;
        using var body = await response.Content.ReadAsStreamAsync(stall.Token).ConfigureAwait(false);
        var buffer = new byte[128 * 1024];
        for (;;)
        {
            stall.CancelAfter(StallTimeout);
            var read = await body.ReadAsync(buffer, stall.Token).ConfigureAwait(false);
            if (read == 0) break;
            if (file.Length + read > most)
            {
                file.SetLength(0);
                throw new HttpRequestException($"more than the expected {most} bytes arrive");
            }
            file.Write(buffer, 0, read);
            progress?.Report(new(file.Length, total));
        }
        if (total is { } expected && file.Length < expected)
            throw new HttpRequestException($"the connection ended after {file.Length} of {expected} bytes");
        file.Flush(flushToDisk: true);
    }

    /// <summary>The answer for a file from its given byte on, at the end of all redirections.</summary>
    static async Task<HttpResponseMessage> AskAsync(HttpClient client, Uri url, long from, CancellationToken stall)
    {
        for (var hops = 0; ; hops++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall).ConfigureAwait(false);
            if (!IsRedirection(response.StatusCode)) return response;
            using (response)
            {
                // As text: a path from the root would be taken for a file of this machine.
                var location = response.Headers.NonValidated.TryGetValues("Location", out var given) ? given.ToString() : "";
                if (location.Length == 0)
                    throw new HttpRequestException($"the server answers {(int)response.StatusCode} and does not say where to go");
                if (!Uri.TryCreate(url, location, out var target) || !MayAsk(target))
                    throw new HttpRequestException($"the server sends on to '{target?.ToString() ?? location}'; "
                        + "only https addresses are followed, and http ones on this machine");
                if (hops == MostRedirects)
                    throw new HttpRequestException($"the server sends on more than {MostRedirects} times, last to '{target}'");
                url = target;
            }
        }
    }

    static bool IsRedirection(HttpStatusCode status) => status
        is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
        or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    static void Check(OfficialModel model, string partial, Uri url)
    {
        try
        {
            if (model.Bytes is { } size && new FileInfo(partial).Length is var found && found != size)
                throw new InputException($"{url} gave {found} bytes, expected {size}");
            if (model.Sha256 is { } sha256 && OfficialModel.HashOf(partial) is var hash && hash != sha256)
                throw new InputException($"{url} gave a file with SHA-256 {hash}, expected {sha256}: "
                    + "it was changed or damaged on the way, and is not kept");
            using var file = ModelFile.Open(partial);
            file.Verify();
            // The plain XXS network has two names, one for its quantised checkpoint.
            if (file.Network is not { } network || !Models.EdgeFaceVariants.Find(model.Name)!.Dims.SequenceEqual(network.Dims))
                throw new InputException(
                    $"{url} gave {(file.Network is { } other ? $"the network {other.Name}" : "no EdgeFace network")}, expected {model.Name}");
        }
        catch (Exception e) when (e is InputException or ModelFormatException)
        {
            File.Delete(partial);
            throw e is InputException ? e : new InputException($"{url} gave no usable checkpoint, and it is not kept: {e.Message}", e);
        }
    }

    static string Reason(Exception e) => e switch
    {
        OperationCanceledException => $"no answer for {StallTimeout.TotalSeconds:f0} seconds",
        { InnerException: { } inner } => inner.Message,
        _ => e.Message,
    };
}
