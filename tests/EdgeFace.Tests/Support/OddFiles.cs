using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeFace.Tests.Support;

/// <summary>What else than files and folders with readable names can lie among pictures.</summary>
static partial class OddFiles
{
    /// <summary>A named pipe into which nobody writes.</summary>
    public static void Pipe(string path) => Assert.Equal(0, MakePipe(path, 0x180));

    /// <summary>A socket, until it is disposed.</summary>
    public static IDisposable Socket(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    public static void HardLink(string existing, string path) => Assert.Equal(0, Link(existing, path));

    /// <summary>Moves a file or folder to a name in Latin-1, which is no UTF-8 text where a letter has an accent.</summary>
    public static void ToLatin1(string path, string name) => Assert.Equal(0, Rename(Bytes(path), Bytes(name)));

    /// <summary>Moves it back, so that it can be deleted.</summary>
    public static void FromLatin1(string name, string path) => Assert.Equal(0, Rename(Bytes(name), Bytes(path)));

    static byte[] Bytes(string path) => [.. Encoding.Latin1.GetBytes(path), 0];

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string path);

    [LibraryImport("libc", EntryPoint = "rename")]
    private static partial int Rename(byte[] from, byte[] to);
}
