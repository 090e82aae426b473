namespace EdgeFace.Evaluation.Data;

/// <summary>Lines of comma-separated values as RFC 4180 writes them, but for line ends inside quotes, which are refused.</summary>
static class CsvLine
{
    const int MaxFields = 256;

    /// <summary>The fields without their quotes; null where quotes are not balanced or something stands beside them.</summary>
    public static string[]? Fields(string line)
    {
        var fields = new List<string>();
        for (var at = 0; ;)
        {
            if (fields.Count == MaxFields) return null;
            if (at < line.Length && line[at] == '"')
            {
                var end = at + 1;
                while (true)
                {
                    end = line.IndexOf('"', end);
                    if (end < 0) return null;
                    if (end + 1 == line.Length || line[end + 1] != '"') break;
                    end += 2;
                }
                fields.Add(line[(at + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal));
                at = end + 1;
                if (at < line.Length && line[at] != ',') return null;
            }
            else
            {
                var end = line.IndexOf(',', at);
                if (end < 0) end = line.Length;
                var field = line[at..end].Trim();
                if (field.Contains('"', StringComparison.Ordinal)) return null;
                fields.Add(field);
                at = end;
            }
            if (at == line.Length) return [.. fields];
            at++;
        }
    }
}
