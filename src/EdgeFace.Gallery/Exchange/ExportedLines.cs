namespace EdgeFace.Gallery;

/// <summary>The lines of a file of text, each of bounded length, so that no file exhausts the memory.</summary>
sealed class ExportedLines(string path) : IDisposable
{
    const int MostBytes = 32 << 20;

    readonly FileStream _file = File.OpenRead(path);
    byte[] _buffer = new byte[64 << 10];
    int _start, _end;

    public string Path => path;

    /// <summary>Of the line that was given last, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>The next line that is not empty, valid until the next call; null at the end.</summary>
    public ReadOnlyMemory<byte>? Next()
    {
        while (true)
        {
            Number++;
            var searched = _start;
            int length;
            while ((length = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n')) < 0)
            {
                searched = _end;
                if (!Fill(ref searched)) break;
            }
            var line = _buffer.AsMemory(_start, (length < 0 ? _end : searched + length) - _start);
            _start = length < 0 ? _end : searched + length + 1;
            if (!line.IsEmpty) return line;
            if (length < 0) return null;
        }
    }

    public void Dispose() => _file.Dispose();

    bool Fill(ref int searched)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (searched, _end, _start) = (searched - _start, _end - _start, 0);
        }
        if (_end == MostBytes) throw new ExportDamagedException($"{path}, line {Number}: a line has more than {MostBytes} bytes");
        if (_end == _buffer.Length) Array.Resize(ref _buffer, Math.Min(2 * _buffer.Length, MostBytes));
        var read = _file.Read(_buffer.AsSpan(_end));
        _end += read;
        return read > 0;
    }
}
