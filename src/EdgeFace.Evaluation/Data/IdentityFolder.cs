namespace EdgeFace.Evaluation.Data;

/// <summary>Reads images that are sorted by person: a folder for each, or a list.</summary>
public static class IdentityFolder
{
    /// <summary>
    /// A folder with a folder for each person, named for them, with their pictures; all in the order of their characters.
    /// Pictures deeper down belong to the person too with <paramref name="nested"/>, else they are reported. Regular files are taken, each once;
    /// hidden and system entries are passed over.
    /// </summary>
    /// <exception cref="DataSetException">No such folder, nothing usable, or a problem in strict reading.</exception>
    public static DataSet Read(string folder, bool nested = false, DataSetOptions? options = null)
    {
        options ??= DataSetOptions.Default;
        if (!Directory.Exists(folder)) throw DataSetException.NoFolder(folder, "a folder for each person");
        var problems = new DataProblems();
        var images = new List<DataImage>();
        var walk = new PictureWalk(options);
        var people = walk.Level(folder, take: false);
        string[] beside = [.. people.Pictures.Concat(people.Others).Order(StringComparer.Ordinal)];
        foreach (var file in beside) Ignored(file, "it lies beside the people's folders");
        foreach (var person in people.Folders)
        {
            var before = images.Count;
            Add(person, Path.GetFileName(person));
            if (images.Count == before) problems.Add(DataProblemKind.EmptyPerson, person, "there is no picture in it");
        }
        foreach (var passed in walk.PassedOver)
            problems.Add(passed.IsFault ? DataProblemKind.Unreadable : DataProblemKind.IgnoredFile, passed.Path, passed.Why);
        problems.ThrowIfStrict(options, folder);
        if (images.Count > 0) return new(folder, "a folder for each person", images, problems);
        var unreadable = walk.PassedOver.FirstOrDefault(p => p.IsFault);
        var found = unreadable.Path is null ? "none" : $"none, and {unreadable.Path}: {unreadable.Why}";
        throw new DataSetException(folder, null, "a folder for each person, with pictures", found);

        void Add(string place, string person)
        {
            var level = walk.Level(place);
            images.AddRange(level.Pictures.Select(file => new FileImage(Path.GetRelativePath(folder, file).Replace('\\', '/'), person, file)));
            foreach (var file in level.Others) Ignored(file, $"it does not end in {string.Join(", ", options.Extensions)}");
            foreach (var below in level.Folders)
            {
                if (nested) Add(below, person);
                else Ignored(below, "folders in people's folders are not read");
            }
        }

        void Ignored(string path, string why) => problems.Add(DataProblemKind.IgnoredFile, path, why);
    }

    /// <summary>
    /// Comma-separated values whose first line names the columns <c>identity</c> (or <c>person</c>) and <c>image</c>; paths are relative to
    /// <paramref name="folder"/>, by default the list's own.
    /// </summary>
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
                if (personAt < 0 || imageAt < 0)
                    throw new DataSetException(list, $"line {line.Number}", "names of columns, as 'identity,image'", line.Quoted);
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
                else problems.Add(DataProblemKind.ContradictoryLabel, place,
                    $"'{name}' is listed for '{people[name]}' and for '{fields[personAt]}'");
            }
            else if (path is null) problems.Add(DataProblemKind.MissingFile, place, $"'{name}' is not in {folder}");
            else images.Add(new FileImage(name, fields[personAt], path));
        }
        problems.ThrowIfStrict(options, list);
        return images.Count > 0 ? new(list, "a list of people and images", images, problems)
            : throw new DataSetException(list, null, $"images in {folder}",
                problems.Count == 0 ? "an empty list" : $"none, and {problems.Total} problems, the first: {problems[0]}");
    }
}
