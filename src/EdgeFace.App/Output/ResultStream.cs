namespace EdgeFace.App.Output;

/// <summary>
/// Where results go: fails once, at the first byte that cannot be written, and then takes the rest without a word, so that nothing on the way out of
/// the process fails again.
/// </summary>
sealed class ResultStream(Stream inner) : WriteOnlyStream
{
    bool _failed;

    /// <exception cref="ResultLostException">For the first time something cannot be written.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_failed) return;
        try
        {
            inner.Write(buffer);
        }
        catch (IOException e)
        {
            _failed = true;
            throw new ResultLostException(e);
        }
    }
}
