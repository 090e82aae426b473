using System.CommandLine;
using EdgeFace.App.Commands;
using EdgeFace.Gallery;

namespace EdgeFace.App.Galleries;

/// <summary>The options that say which person is meant, or which people.</summary>
sealed class PersonSelector
{
    readonly Option<long[]> _id = new Option<long[]>("--id") { Description = "The person with this number.", HelpName = "N" }
        .In(NumberRange.Positive<long>());
    readonly Option<string[]> _key = new("--key") { Description = "The person with this external key." };
    readonly Option<string[]> _name = new("--name") { Description = "The person with this name, if only one has it." };

    public void AddTo(Command command)
    {
        command.Add(_id);
        command.Add(_key);
        command.Add(_name);
    }

    public bool IsGiven(ParseResult parsed) => Count(parsed) > 0;

    public Person Find(ParseResult parsed, IGallery gallery) => Count(parsed) == 1
        ? FindAll(parsed, gallery)[0]
        : throw new UsageException("say which person: one of --id, --key and --name.");

    /// <summary>Everybody who is named, at least one; nobody unless all are there.</summary>
    public IReadOnlyList<Person> FindAll(ParseResult parsed, IGallery gallery)
    {
        if (!IsGiven(parsed)) throw new UsageException("say which person: --id, --key or --name, each as often as you like.");
        return
        [
            .. parsed.GetValue(_id)!.Select(id => gallery.FindPerson(id) ?? throw new InputException($"there is no person {id}")),
            .. parsed.GetValue(_key)!.Select(key => gallery.FindPerson(key)
                ?? throw new InputException($"there is no person with the external key '{key}'")),
            .. parsed.GetValue(_name)!.Select(name => Named(gallery, name)),
        ];
    }

    int Count(ParseResult parsed) => parsed.GetValue(_id)!.Length + parsed.GetValue(_key)!.Length + parsed.GetValue(_name)!.Length;

    static Person Named(IGallery gallery, string name) => gallery.PersonsNamed(name) switch
    {
        [] => throw new InputException($"there is no person named '{name}'"),
        [var one] => one,
        var several => throw new InputException($"{several.Count} people are named '{name}': "
            + $"say which with --id ({string.Join(", ", several.Take(10).Select(p => p.Id))})"),
    };
}
