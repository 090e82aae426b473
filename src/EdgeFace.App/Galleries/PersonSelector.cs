using System.CommandLine;
using EdgeFace.Gallery;

namespace EdgeFace.App.Galleries;

/// <summary>The options that say which person is meant.</summary>
sealed class PersonSelector
{
    readonly Option<long?> _id = new("--id") { Description = "The person with this number.", HelpName = "N" };
    readonly Option<string?> _key = new("--key") { Description = "The person with this external key." };
    readonly Option<string?> _name = new("--name") { Description = "The person with this name, if only one has it." };

    public void AddTo(Command command)
    {
        command.Add(_id);
        command.Add(_key);
        command.Add(_name);
    }

    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_id) is not null || parsed.GetValue(_key) is not null || parsed.GetValue(_name) is not null;

    public Person Find(ParseResult parsed, IGallery gallery) => (parsed.GetValue(_id), parsed.GetValue(_key), parsed.GetValue(_name)) switch
    {
        ({ } id, null, null) => gallery.FindPerson(id) ?? throw new InputException($"there is no person {id}"),
        (null, { } key, null) => gallery.FindPerson(key) ?? throw new InputException($"there is no person with the external key '{key}'"),
        (null, null, { } name) => gallery.PersonsNamed(name) switch
        {
            [] => throw new InputException($"there is no person named '{name}'"),
            [var one] => one,
            var several => throw new InputException($"{several.Count} people are named '{name}': say which with --id ({string.Join(", ", several.Take(10).Select(p => p.Id))})"),
        },
        _ => throw new UsageException("say which person: one of --id, --key and --name."),
    };
}
