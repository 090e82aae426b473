using System.Runtime.InteropServices;

namespace EdgeFace.Tests.Support;

/// <summary>
/// Floats whose last one ends at a page that must not be touched: a read or write beyond the end ends the test run with a fault.
/// Before the first one lies a band of a known value that is checked on disposal.
/// </summary>
sealed unsafe partial class GuardedBuffer : IDisposable
{
    const int Page = 4096;
    const float Sentinel = 1234.5f;

    readonly byte* _region;
    readonly nuint _bytes;

    public GuardedBuffer(int count)
    {
        Count = count;
        var pages = (count * sizeof(float) + Page - 1) / Page + 1;
        _bytes = (nuint)((pages + 1) * Page);
        if (OperatingSystem.IsLinux())
        {
            _region = (byte*)Map(0, _bytes, ReadWrite, PrivateAnonymous, -1, 0);
            if (Protect((nint)(_region + pages * Page), Page, None) != 0) throw new InvalidOperationException("mprotect failed");
        }
        else
        {
            _region = (byte*)NativeMemory.AlignedAlloc(_bytes, Page);
        }
        Pointer = (float*)(_region + pages * Page) - count;
        new Span<float>(Pointer, count).Clear();
        new Span<float>(_region, (int)((byte*)Pointer - _region) / sizeof(float)).Fill(Sentinel);
    }

    public GuardedBuffer(ReadOnlySpan<float> values) : this(values.Length) => values.CopyTo(new Span<float>(Pointer, Count));

    public int Count { get; }

    public float* Pointer { get; }

    public Span<byte> Bytes => new(Pointer, Count * sizeof(float));

    public float this[int index] => new Span<float>(Pointer, Count)[index];

    public float[] ToArray() => new Span<float>(Pointer, Count).ToArray();

    public void Dispose()
    {
        var before = new ReadOnlySpan<float>(_region, (int)((byte*)Pointer - _region) / sizeof(float));
        var whole = !before.ContainsAnyExcept(Sentinel);
        if (OperatingSystem.IsLinux()) _ = Unmap((nint)_region, _bytes);
        else NativeMemory.AlignedFree(_region);
        if (!whole) throw new InvalidOperationException("a kernel wrote before the start of a buffer");
    }

    const int None = 0, ReadWrite = 3, PrivateAnonymous = 0x22;

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
