using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeFace.App.Output;

/// <summary>The process's standard output or error, whose failures are told as they are.</summary>
sealed partial class StandardStream : WriteOnlyStream
{
    const int Interrupted = 4, TryAgain = 11, BrokenPipe = 32, DescriptorFlags = 1;

    // Held open for as long as the process lives.
    static readonly List<SafeFileHandle> Placeholders = [];

    readonly int _descriptor;
    readonly bool _open;

    StandardStream(int descriptor) => (_descriptor, _open) = (descriptor, IsOpen(descriptor));

    /// <summary>Output and error as bytes.</summary>
    public static (Stream Output, Stream Error) Open()
    {
        if (!OperatingSystem.IsLinux()) return (Console.OpenStandardOutput(), Console.OpenStandardError());
        var streams = (new StandardStream(1), new StandardStream(2));
        // A file opened later must not become a standard stream, into which others print.
        do Placeholders.Add(File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite));
        while (Placeholders[^1].DangerousGetHandle() <= 2);
        return streams;
    }

    /// <exception cref="IOException">Not everything could be written.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!_open) throw new IOException("it is closed");
        while (buffer.Length > 0)
        {
            var written = Write(_descriptor, in MemoryMarshal.GetReference(buffer), buffer.Length);
            if (written >= 0) buffer = buffer[(int)written..];
            else if (Marshal.GetLastPInvokeError() is var error && error == TryAgain) Thread.Sleep(10);
            else if (error == BrokenPipe) throw new ClosedPipeException();
            else if (error != Interrupted) throw new IOException(Marshal.GetPInvokeErrorMessage(error));
        }
    }

    // Where the process was started without a stream, a file of the runtime's own has its number. Unlike what is inherited, such a file is
    // closed when another program is started.
    static bool IsOpen(int descriptor) => Control(descriptor, DescriptorFlags) == 0;

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, in byte first, nint count);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command);
}
