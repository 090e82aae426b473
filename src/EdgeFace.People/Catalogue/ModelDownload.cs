using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
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
    public static void Run(OfficialModel model, Uri url, string target, Action<long, long?> progress)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var partial = target + ".partial";
        try
        {
            Fetch(model, url, partial, progress);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or HttpIOException)
        {
            var kept = new FileInfo(partial) is { Exists: true, Length: > 0 };
            if (!kept) File.Delete(partial);
            throw new InputException($"cannot download {url}: {Reason(e)}. On a machine without network download it elsewhere "
                + $"and put it at {target}, or give a file with --model; the embedded default models need no network."
                + (kept ? " What has arrived is kept: the same command goes on from there." : ""), e) { Kind = ErrorKind.Machine };
        }
        Check(model, partial, url);
        File.Move(partial, AtomicFile.Target(target), overwrite: true);
    }

    static void Fetch(OfficialModel model, Uri url, string partial, Action<long, long?> progress)
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
        using var stall = new CancellationTokenSource(StallTimeout);
        using var response = Ask(client, url, file.Length, stall.Token);
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
        using var body = response.Content.ReadAsStream(stall.Token);
        var buffer = new byte[128 * 1024];
        for (;;)
        {
            stall.CancelAfter(StallTimeout);
            var read = body.ReadAsync(buffer, stall.Token).AsTask().GetAwaiter().GetResult();
            if (read == 0) break;
            if (file.Length + read > most)
            {
                file.SetLength(0);
                throw new HttpRequestException($"more than the expected {most} bytes arrive");
            }
            file.Write(buffer, 0, read);
            progress(file.Length, total);
        }
        if (total is { } expected && file.Length < expected)
            throw new HttpRequestException($"the connection ended after {file.Length} of {expected} bytes");
        file.Flush(flushToDisk: true);
    }

    /// <summary>The answer for a file from its given byte on, at the end of all redirections.</summary>
    static HttpResponseMessage Ask(HttpClient client, Uri url, long from, CancellationToken stall)
    {
        for (var hops = 0; ; hops++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
            var response = client.Send(request, HttpCompletionOption.ResponseHeadersRead, stall);
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
            if (model.Sha256 is { } sha256 && Sha256(partial) is var hash && hash != sha256)
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

    public static string Sha256(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    static string Reason(Exception e) => e switch
    {
        OperationCanceledException => $"no answer for {StallTimeout.TotalSeconds:f0} seconds",
        { InnerException: { } inner } => inner.Message,
        _ => e.Message,
    };
}
