namespace EdgeFace.Evaluation.Data;

/// <summary>Reads images that are sorted by person: a folder for each, or a list.</summary>
public static class IdentityFolder
{
    const int MostDepth = 16;

    /// <summary>
    /// A folder with a folder for each person, named for them, with their pictures; all in the order of their bytes.
    /// Pictures deeper down belong to the person too with <paramref name="nested"/>, else they are reported.
    /// </summary>
    /// <exception cref="DataSetException">No such folder, nothing usable, or a problem in strict reading.</exception>
    public static DataSet Read(string folder, bool nested = false, DataSetOptions? options = null)
    {
        options ??= DataSetOptions.Default;
        if (!Directory.Exists(folder)) throw DataSetException.NoFolder(folder, "a folder for each person");
        var problems = new DataProblems();
        var images = new List<DataImage>();
        try
        {
            foreach (var file in Sorted(Directory.EnumerateFiles(folder))) Ignored(file, "it lies beside the people's folders");
            foreach (var person in Sorted(Directory.EnumerateDirectories(folder)))
            {
                var before = images.Count;
                Add(person, Path.GetFileName(person), 0);
                if (images.Count == before) problems.Add(DataProblemKind.EmptyPerson, person, "there is no picture in it");
            }
        }
        catch (Exception e) when (DataFile.IsOfFileSystem(e))
        {
            throw new DataSetException(folder, null, "a readable folder", e.Message, e);
        }
        problems.ThrowIfStrict(options, folder);
        return images.Count > 0 ? new(folder, "a folder for each person", images, problems) : throw new DataSetException(folder, null, "a folder for each person, with pictures", "none");

        void Add(string place, string person, int depth)
        {
            foreach (var file in Sorted(Directory.EnumerateFiles(place)))
            {
                if (options.Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)) images.Add(new FileImage(Path.GetRelativePath(folder, file).Replace('\\', '/'), person, file));
                else Ignored(file, $"it does not end in {string.Join(", ", options.Extensions)}");
            }
            foreach (var below in Sorted(Directory.EnumerateDirectories(place)))
            {
                if (!nested) Ignored(below, "folders in people's folders are not read");
                else if (depth == MostDepth) Ignored(below, $"it lies more than {MostDepth} folders deep");
                else Add(below, person, depth + 1);
            }
        }

        void Ignored(string path, string why) => problems.Add(DataProblemKind.IgnoredFile, path, why);

        static string[] Sorted(IEnumerable<string> paths) => [.. paths.Order(StringComparer.Ordinal)];
    }

    /// <summary>Comma-separated values whose first line names the columns <c>identity</c> (or <c>person</c>) and <c>image</c>; paths are relative to <paramref name="folder"/>, by default the list's own.</summary>
    /// <exception cref="DataSetException">No such file or folder, another format, nothing usable, or a problem in strict reading.</exception>
    public static DataSet ReadList(string list, string? folder = null, DataSetOptions? options = null)
    {
        options ??= DataSetOptions.Default;
        folder ??= Path.GetDirectoryName(Path.GetFullPath(list))!;
        var finder = new FileFinder(folder, options.Extensions);
        var problems = new DataProblems();
        var images = new List<DataImage>();
        var people = new Dictionary<string, string>(StringComparer.Ordinal);
        int personAt = -1, imageAt = -1, columns = 0;
        foreach (var line in TextLines.Of(list, "a list of people and images"))
        {
            var place = $"{list} line {line.Number}";
            var fields = CsvLine.Fields(line.Text);
            if (columns == 0)
            {
                columns = fields?.Length ?? 0;
                personAt = Array.FindIndex(fields ?? [], f => f.ToUpperInvariant() is "IDENTITY" or "PERSON");
                imageAt = Array.FindIndex(fields ?? [], f => f.Equals("image", StringComparison.OrdinalIgnoreCase));
                if (personAt < 0 || imageAt < 0) throw new DataSetException(list, $"line {line.Number}", "names of columns, as 'identity,image'", line.Quoted);
                continue;
            }
            if (fields?.Length != columns || fields[personAt].Length == 0 || fields[imageAt].Length == 0)
            {
                problems.Add(DataProblemKind.MalformedLine, place, $"expected {columns} fields with a person and a path");
                continue;
            }
            finder.Find(fields[imageAt], out var name, out var path);
            if (name is null) problems.Add(DataProblemKind.MalformedLine, place, $"'{fields[imageAt]}' is no file inside {folder}");
            else if (!people.TryAdd(name, fields[personAt]))
            {
                if (people[name] == fields[personAt]) problems.Add(DataProblemKind.MalformedLine, place, $"'{name}' was listed before");
                else problems.Add(DataProblemKind.ContradictoryLabel, place, $"'{name}' is listed for '{people[name]}' and for '{fields[personAt]}'");
            }
            else if (path is null) problems.Add(DataProblemKind.MissingFile, place, $"'{name}' is not in {folder}");
            else images.Add(new FileImage(name, fields[personAt], path));
        }
        problems.ThrowIfStrict(options, list);
        return images.Count > 0 ? new(list, "a list of people and images", images, problems)
            : throw new DataSetException(list, null, $"images in {folder}", problems.Count == 0 ? "an empty list" : $"none, and {problems.Total} problems, the first: {problems[0]}");
    }
}
