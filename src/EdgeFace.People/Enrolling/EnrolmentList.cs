using EdgeFace.Files;
using EdgeFace.People.Documents;
using EdgeFace.Evaluation.Data;
using EdgeFace.Gallery;
using EdgeFace.Weights;

namespace EdgeFace.People;

/// <summary>A picture to be enrolled, and for whom.</summary>
/// <param name="Id">The number of somebody who is in the gallery; null where name or key say who it is.</param>
sealed record EnrolmentItem(string File, NewPerson Person, long? Id = null);

/// <summary>Whom all pictures are of.</summary>
sealed record OnePerson(NewPerson Person, long? Id);

/// <summary>What is to be enrolled, in order; what of it cannot be; and what else was found and is passed over.</summary>
sealed record EnrolmentList(IReadOnlyList<EnrolmentItem> Items, IReadOnlyList<ErrorJson> Errors, IReadOnlyList<ErrorJson> Ignored)
{
    static readonly string[] NameColumns = ["name", "person", "identity"];

    /// <summary>Pictures and folders of pictures of one person; or folders with a folder for each person, and lists.</summary>
    /// <param name="who">Whom all of them are of; null where each folder or line says so.</param>
    public static EnrolmentList Read(IReadOnlyList<string> inputs, OnePerson? who, bool followLinks)
    {
        var options = DataSetOptions.Default with { FollowLinks = followLinks };
        // A name or key that no gallery takes is refused before there is one.
        if (who is not null) return Of(who.Id is null ? who with { Person = who.Person.Accepted() } : who, inputs, options);
        EnrolmentList[] all = [.. inputs.Select(input => IsList(input) ? List(input) : People(input, options))];
        return new([.. all.SelectMany(l => l.Items)], [.. all.SelectMany(l => l.Errors)], [.. all.SelectMany(l => l.Ignored)]);
    }

    static bool IsList(string input) => !Directory.Exists(input) && Path.GetExtension(input).Equals(".csv", StringComparison.OrdinalIgnoreCase);

    static EnrolmentList People(string input, DataSetOptions options)
    {
        if (!Directory.Exists(input)) throw File.Exists(input) ? new UsageException($"{input}: say with --name or --id who this is.")
            : new InputException($"{input}: no such file or folder");
        var walk = new PictureWalk(options);
        if (walk.Level(input).Folders.Count == 0)
        {
            var passedOver = walk.PassedOver is [var first, ..] ? $" ({first.Path} is passed over: {first.Why})" : "";
            throw new UsageException($"{input}: it has no folder for each person{passedOver}. For pictures of one person say --name; "
                + "for pictures of several make a list with the columns name,image.");
        }
        using var set = IdentityFolder.Read(input, options: options);
        return new([.. set.Images.Select(i => new EnrolmentItem(i.Path!, new NewPerson(i.Person!)))],
            Told(p => p.Kind == DataProblemKind.Unreadable), Told(p => p.Kind != DataProblemKind.Unreadable));

        ErrorJson[] Told(Func<DataProblem, bool> which) => [.. set.Problems.Where(which).Select(p => new ErrorJson(p.Place, p.ToString()))];
    }

    static EnrolmentList Of(OnePerson who, IReadOnlyList<string> inputs, DataSetOptions options)
    {
        var walk = new PictureWalk(options);
        foreach (var input in inputs.Where(i => !Directory.Exists(i))) walk.Know(input);
        List<string> files = [];
        List<PassedOver> below = [];
        foreach (var input in inputs)
        {
            if (IsList(input))
                throw new UsageException($"{input}: --name and --id go with pictures and folders of one person; a list has a column for names.");
            if (Directory.Exists(input))
            {
                var level = walk.Level(input);
                files.AddRange(level.Pictures);
                below.AddRange(level.Folders.Select(f => new PassedOver(f, "folders in a folder of one person are not read", IsFault: false)));
            }
            else files.Add(input);
        }
        PassedOver[] all = [.. walk.PassedOver, .. below];
        if (files.Count == 0)
        {
            var reasons = inputs.Select(i => $"{i}: there is no picture in it").Concat(ErrorJson.Of(all).Select(e => e.Message));
            throw new InputException(string.Join("; ", reasons.Take(5)));
        }
        return new([.. files.Select(f => new EnrolmentItem(f, who.Person, who.Id))], [.. ErrorJson.Of(all.Where(p => p.IsFault))],
            [.. ErrorJson.Of(all.Where(p => !p.IsFault))]);
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
                if (!NameColumns.Any(columns.Contains) || !columns.Contains("image"))
                    throw new DataSetException(
                        list, $"line {line.Number}", "names of columns, as 'name,image' or 'name,image,key,metadata'", line.Quoted);
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
            if (Field(NameColumns) is not { } name || Field("image") is not { } image)
                errors.Add(new(place, $"{place}: a name and a picture are needed"));
            else if (FileStatus.Of(Path.Combine(folder, image)).Kind == FileKind.Special)
                errors.Add(new(place, $"{place}: {image} is a pipe, socket or device"));
            else
            {
                try
                {
                    items.Add(new(Path.Combine(folder, image), new NewPerson(name) { ExternalKey = Field("key"), Metadata = metadata }.Accepted()));
                }
                catch (GalleryException e)
                {
                    errors.Add(new(place, $"{place}: {e.Message}", Wording.Kind(e.Kind)));
                }
            }
        }
        if (items.Count == 0)
            throw new DataSetException(list, null, "people and pictures",
                errors.Count == 0 ? "an empty list" : $"none, and {errors.Count} unusable lines, the first: {errors[0].Message}");
        return new(items, errors, []);
    }
}
