namespace EdgeFace.Evaluation.Data;

/// <summary>Opens pictures of people by what they lie in.</summary>
static class PeopleSource
{
    /// <summary>A folder of people, a RecordIO file (<c>.rec</c>), or a list of people and pictures.</summary>
    /// <exception cref="DataSetException">It cannot be read, or nothing usable is in it.</exception>
    public static DataSet Open(string path, bool nested = false, DataSetOptions? options = null)
    {
        if (Directory.Exists(path)) return IdentityFolder.Read(path, nested, options);
        return Path.GetExtension(path).Equals(".rec", StringComparison.OrdinalIgnoreCase)
            ? RecordFile.Open(path).ToDataSet() : IdentityFolder.ReadList(path);
    }
}
