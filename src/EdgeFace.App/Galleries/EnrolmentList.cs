using EdgeFace.App.Output;
using EdgeFace.Evaluation.Data;
using EdgeFace.Gallery;

namespace EdgeFace.App.Galleries;

/// <summary>A picture to be enrolled, and for whom.</summary>
sealed record EnrolmentItem(string File, NewPerson Person);

/// <summary>What is to be enrolled, in order; what of it cannot be; and what else was found and is passed over.</summary>
sealed record EnrolmentList(IReadOnlyList<EnrolmentItem> Items, IReadOnlyList<ErrorJson> Errors, IReadOnlyList<ErrorJson> Ignored)
{
    static readonly string[] NameColumns = ["name", "person", "identity"];

    /// <summary>A picture or a folder of pictures of one person with a name, a folder with a folder for each person, or a list.</summary>
    public static EnrolmentList Read(string input, string? name, string? key)
    {
        var isList = !Directory.Exists(input) && Path.GetExtension(input).Equals(".csv", StringComparison.OrdinalIgnoreCase);
        if (name is not null)
        {
            if (isList) throw new UsageException("--name goes with a picture or with a folder of pictures of one person; a list has a column for names.");
            return OnePerson(input, new NewPerson(name) { ExternalKey = key }.Accepted());
        }
        if (key is not null) throw new UsageException("--key goes with --name; a list has a column for keys.");
        if (isList) return List(input);
        if (!Directory.Exists(input)) throw File.Exists(input) ? new UsageException($"{input}: say with --name who this is.") : new InputException($"{input}: no such file or folder");
        if (!Directory.EnumerateDirectories(input).Any())
            throw new UsageException($"{input}: it has no folder for each person. For pictures of one person say --name; for pictures of several make a list with the columns name,image.");
        using var set = IdentityFolder.Read(input);
        return new([.. set.Images.Select(i => new EnrolmentItem(i.Path!, new NewPerson(i.Person!)))],
            [], [.. set.Problems.Select(p => new ErrorJson(p.Place, p.ToString()))]);
    }

    static EnrolmentList OnePerson(string input, NewPerson person)
    {
        if (!Directory.Exists(input)) return new([new EnrolmentItem(input, person)], [], []);
        var files = Directory.EnumerateFiles(input).Where(f => DataSetOptions.Default.Extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).ToArray();
        return files.Length > 0 ? new([.. files.Select(f => new EnrolmentItem(f, person))], [], []) : throw new InputException($"{input}: there is no picture in it");
    }

    /// <summary>Columns <c>name</c> and <c>image</c>, and optionally <c>key</c> and <c>metadata</c>; paths are relative to the list.</summary>
    static EnrolmentList List(string list)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(list))!;
        List<EnrolmentItem> items = [];
        List<ErrorJson> errors = [];
        string[]? columns = null;
        foreach (var line in TextLines.Of(list, "a list of people and pictures"))
        {
            var place = $"{list} line {line.Number}";
            var fields = CsvLine.Fields(line.Text);
            if (columns is null)
            {
                columns = [.. (fields ?? []).Select(f => f.ToLowerInvariant())];
                if (!NameColumns.Any(columns.Contains) || !columns.Contains("image")) throw new DataSetException(list, $"line {line.Number}", "names of columns, as 'name,image' or 'name,image,key,metadata'", line.Quoted);
                continue;
            }
            if (fields?.Length != columns.Length)
            {
                errors.Add(new(place, $"{place}: expected {columns.Length} fields"));
                continue;
            }
            string? Field(params ReadOnlySpan<string> names)
            {
                foreach (var column in names)
                    if (Array.IndexOf(columns, column) is var at and >= 0 && fields[at].Length > 0) return fields[at];
                return null;
            }
            var metadata = Field("metadata");
            if (Field(NameColumns) is not { } name || Field("image") is not { } image) errors.Add(new(place, $"{place}: a name and a picture are needed"));
            else
            {
                try
                {
                    items.Add(new(Path.Combine(folder, image), new NewPerson(name) { ExternalKey = Field("key"), Metadata = metadata }.Accepted()));
                }
                catch (GalleryException e)
                {
                    errors.Add(new(place, $"{place}: {e.Message}"));
                }
            }
        }
        if (items.Count == 0) throw new DataSetException(list, null, "people and pictures", errors.Count == 0 ? "an empty list" : $"none, and {errors.Count} unusable lines, the first: {errors[0].Message}");
        return new(items, errors, []);
    }
}
