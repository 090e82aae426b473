using EdgeFace.Evaluation.Data;
using EdgeFace.Gallery;

namespace EdgeFace.App.Commands;

/// <summary>Whom all pictures are of.</summary>
sealed record OnePerson(NewPerson Person, long? Id);

/// <summary>What is to be enrolled, in order; what of it cannot be; and what else was found and is passed over.</summary>
sealed record EnrolmentList(IReadOnlyList<EnrolmentItem> Items, IReadOnlyList<ErrorJson> Errors, IReadOnlyList<ErrorJson> Ignored)
{
    /// <summary>Pictures and folders of pictures of one person; or folders with a folder for each person, and lists.</summary>
    /// <param name="who">Whom all of them are of; null where each folder or line says so.</param>
    public static EnrolmentList Read(IReadOnlyList<string> inputs, OnePerson? who, bool followLinks)
    {
        var options = DataSetOptions.Default with { FollowLinks = followLinks };
        // A name or key that no gallery takes is refused before there is one.
        if (who is not null) return Of(who.Id is null ? who with { Person = who.Person.Accepted() } : who, inputs, options);
        EnrolmentList[] all = [.. inputs.Select(input => IsList(input) ? EnrolmentCsv.Read(input) : People(input, options))];
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
        return new([.. files.Select(f => new EnrolmentItem(f, who.Person) { PersonId = who.Id })], [.. ErrorJson.Of(all.Where(p => p.IsFault))],
            [.. ErrorJson.Of(all.Where(p => !p.IsFault))]);
    }
}
