namespace EdgeFace.Weights;

/// <summary>What reading a file may take of memory: twice its size, and two megabytes for the objects that describe its contents.</summary>
sealed class ReadBudget(string file, long fileLength)
{
    const int Slack = 2 << 20;

    long _left = 2 * fileLength + Slack;

    /// <summary>To be called before the memory is taken.</summary>
    /// <exception cref="ModelFormatException">The budget is spent.</exception>
    public void Spend(long bytes, string? tensor = null)
    {
        if (bytes > _left)
            throw new ModelFormatException(file, tensor,
                $"contents that take at most twice the file's {fileLength} bytes and {Slack >> 20} MB of memory", "more");
        _left -= bytes;
    }
}
