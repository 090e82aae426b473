using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EdgeFace.Kernels;

/// <summary>Zeroed, 64-byte aligned native memory for floats: weights and scratch live here, outside the garbage collector's heap.</summary>
sealed unsafe class NativeBuffer : SafeHandle
{
    const int Alignment = 64;

    public NativeBuffer(long count) : base(0, ownsHandle: true)
    {
        Debug.Assert(count >= 0, $"a buffer of {count} floats");
        Count = count;
        var bytes = checked((nuint)Math.Max(count, 1) * sizeof(float));
        // Fresh pages come zeroed from the system: unlike clearing them, this touches none.
        SetHandle((nint)NativeMemory.AllocZeroed(bytes + Alignment - 1));
        Pointer = (float*)((handle + Alignment - 1) & -Alignment);
        Debug.Assert((nint)Pointer % Alignment == 0 && (nint)Pointer >= handle && (nint)Pointer - handle < Alignment);
        GC.AddMemoryPressure((long)bytes);
    }

    public long Count { get; }

    public float* Pointer { get; }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        GC.RemoveMemoryPressure(Math.Max(Count, 1) * sizeof(float));
        return true;
    }
}
