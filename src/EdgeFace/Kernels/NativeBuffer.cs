using System.Runtime.InteropServices;

namespace EdgeFace.Kernels;

/// <summary>Zeroed, 64-byte aligned native memory for floats: weights and scratch live here, outside the garbage collector's heap.</summary>
sealed unsafe class NativeBuffer : SafeHandle
{
    public NativeBuffer(long count) : base(0, ownsHandle: true)
    {
        Count = count;
        var bytes = checked((nuint)Math.Max(count, 1) * sizeof(float));
        SetHandle((nint)NativeMemory.AlignedAlloc(bytes, 64));
        NativeMemory.Clear((void*)handle, bytes);
        GC.AddMemoryPressure((long)bytes);
    }

    public long Count { get; }

    public float* Pointer => (float*)handle;

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        GC.RemoveMemoryPressure(Math.Max(Count, 1) * sizeof(float));
        return true;
    }
}
