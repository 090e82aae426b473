namespace EdgeFace.App.Output;

/// <summary>Messages, which may come to nobody: that is remembered and is no error on the spot.</summary>
sealed class MessageWriter(TextWriter inner) : PrintableWriter(inner)
{
    /// <summary>Whether a message could not be written.</summary>
    public bool IsLost { get; private set; }

    public override void Flush() => Attempt(base.Flush);

    protected override void Emit(string text) => Attempt(() => base.Emit(text));

    void Attempt(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
            IsLost = true;
        }
    }
}
