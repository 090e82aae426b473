using System.Text;

namespace EdgeFace.App.Output;

/// <summary>Lines for a terminal: a line ends where the program ends it, and whatever else is not printable is shown as its number.</summary>
class PrintableWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Emit(Printable.Of(value.ToString()));

    public override void Write(string? value) => Emit(Printable.Of(value ?? ""));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine() => Emit(inner.NewLine);

    public override void WriteLine(string? value)
    {
        Write(value);
        WriteLine();
    }

    public override void WriteLine(ReadOnlySpan<char> buffer) => WriteLine(buffer.ToString());

    public override void Flush() => inner.Flush();

    protected virtual void Emit(string text) => inner.Write(text);
}
