namespace EdgeFace.Vision;

/// <summary>Bytes in memory that end once the decoding is cancelled: so a codec that works through a picture at a stretch stops.</summary>
sealed unsafe class EndingStream(byte* bytes, long length, CancellationToken cancellation) : UnmanagedMemoryStream(bytes, length)
{
    public override int Read(byte[] buffer, int offset, int count)
        => cancellation.IsCancellationRequested ? 0 : base.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => cancellation.IsCancellationRequested ? 0 : base.Read(buffer);
}
