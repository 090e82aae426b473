using System.CommandLine;
using EdgeFace.Gallery;

namespace EdgeFace.App.Commands;

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

    public Person Find(ParseResult parsed, IGallery gallery)
    {
        RequireOne(parsed);
        return FindAll(parsed, gallery)[0];
    }

    public void RequireOne(ParseResult parsed)
    {
        if (Count(parsed) != 1) throw new UsageException("say which person: one of --id, --key and --name.");
    }

    /// <summary>Everybody who is named, at least one; nobody unless all are there.</summary>
    public IReadOnlyList<Person> FindAll(ParseResult parsed, IGallery gallery)
    {
        if (!IsGiven(parsed)) throw new UsageException("say which person: --id, --key or --name, each as often as you like.");
        return
        [
            .. parsed.GetValue(_id)!.Select(gallery.Required), .. parsed.GetValue(_key)!.Select(gallery.RequiredByKey),
            .. parsed.GetValue(_name)!.Select(gallery.RequiredByName),
        ];
    }

    int Count(ParseResult parsed) => parsed.GetValue(_id)!.Length + parsed.GetValue(_key)!.Length + parsed.GetValue(_name)!.Length;
}
