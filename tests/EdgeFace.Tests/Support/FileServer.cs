using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeFace.Tests.Support;

/// <summary>A tiny HTTP server on loopback for one file, with ranges and every fault a download can meet.</summary>
sealed class FileServer : IDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly byte[] _content;

    public FileServer(byte[] content)
    {
        _content = content;
        _listener.Start();
        _ = Task.Run(Accept);
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/model.pt";

    /// <summary>Answers with this status and no file.</summary>
    public int Status { get; set; } = 200;

    /// <summary>Where it sends on to, by the path asked for; null answers with the file.</summary>
    public Func<string, string?> SendsOnTo { get; set; } = _ => null;

    /// <summary>Closes the connection after so many bytes of an answer's body.</summary>
    public int CutAfter { get; set; } = int.MaxValue;

    /// <summary>Whether it understands ranges.</summary>
    public bool Ranges { get; set; } = true;

    /// <summary>Whether it says how long the body is.</summary>
    public bool SaysLength { get; set; } = true;

    /// <summary>First byte asked for by each request.</summary>
    public List<long> Requests { get; } = [];

    async Task Accept()
    {
        for (;;)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await Answer(client.GetStream());
            }
            catch (IOException)
            {
                // The client went away.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    async Task Answer(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        var from = 0L;
        var path = (await reader.ReadLineAsync())?.Split(' ').ElementAtOrDefault(1) ?? "";
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
            if (line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
                from = long.Parse(line["Range: bytes=".Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture);
        Requests.Add(from);
        if (SendsOnTo(path) is { } target)
        {
            var location = target.Length > 0 ? $"Location: {target}\r\n" : "";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"HTTP/1.1 302 Answer\r\nConnection: close\r\nContent-Length: 0\r\n{location}\r\n"));
            return;
        }
        if (!Ranges) from = 0;
        var status = Status != 200 ? Status : from >= _content.Length ? 416 : from > 0 ? 206 : 200;
        var body = status is 200 or 206 ? _content.AsMemory((int)from) : default;
        var headers = $"HTTP/1.1 {status} Answer\r\nConnection: close\r\n"
            + (SaysLength ? $"Content-Length: {body.Length}\r\n" : "")
            + (status == 206 ? $"Content-Range: bytes {from}-{_content.Length - 1}/{_content.Length}\r\n" : "")
            + "\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(headers));
        await stream.WriteAsync(body[..Math.Min(body.Length, CutAfter)]);
    }

    public void Dispose() => _listener.Dispose();
}
