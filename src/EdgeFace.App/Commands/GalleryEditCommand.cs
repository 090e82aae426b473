using System.CommandLine;
using EdgeFace.App.Galleries;
using EdgeFace.App.Output;
using EdgeFace.Gallery;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface gallery rename|edit</c>: what a gallery knows of a person besides the samples.</summary>
static class GalleryEditCommand
{
    public static Command Rename(Terminal terminal)
    {
        Option<string> to = new("--to") { Description = "The new name.", HelpName = "NAME", Required = true };
        const string About = "Give a person another name; number, key, metadata and samples stay.";
        return Change(terminal, "rename", About, [to], (person, parsed) => person with { Name = parsed.GetRequiredValue(to) },
            (before, after) => $"{before.Name} ({before.Id}) is now {after.Name}");
    }

    public static Command Edit(Terminal terminal)
    {
        Option<string?> name = new("--set-name") { Description = "The new name.", HelpName = "NAME" };
        Option<string?> key = new("--set-key") { Description = "What another system calls that person; unique in a gallery.", HelpName = "KEY" };
        Option<string?> metadata = new("--set-metadata") { Description = "A JSON object in the place of the former one.", HelpName = "JSON" };
        Option<bool> clearKey = new("--clear-key") { Description = "Forget the key." };
        Option<bool> clearMetadata = new("--clear-metadata") { Description = "Forget the metadata." };
        const string About = "Give a person another name, key or metadata; what is not named stays, and so do number and samples.";
        return Change(terminal, "edit", About, [name, key, metadata, clearKey, clearMetadata], (person, parsed) =>
        {
            var (newName, newKey, newMetadata) = (parsed.GetValue(name), parsed.GetValue(key), parsed.GetValue(metadata));
            var (clearsKey, clearsMetadata) = (parsed.GetValue(clearKey), parsed.GetValue(clearMetadata));
            if (!clearsKey && !clearsMetadata && (newName ?? newKey ?? newMetadata) is null)
                throw new UsageException("say what to change: --set-name, --set-key, --set-metadata, --clear-key or --clear-metadata.");
            if (newKey is not null && clearsKey) throw new UsageException("--set-key and --clear-key exclude each other.");
            if (newMetadata is not null && clearsMetadata) throw new UsageException("--set-metadata and --clear-metadata exclude each other.");
            return new(newName ?? person.Name)
            {
                ExternalKey = clearsKey ? null : newKey ?? person.ExternalKey,
                Metadata = clearsMetadata ? null : newMetadata ?? person.Metadata,
            };
        }, (_, after) =>
        {
            var (held, known) = (after.ExternalKey is { } k ? $"key {k}" : "no key", after.Metadata is { } m ? $"metadata {m}" : "no metadata");
            return $"{after.Name} ({after.Id}): {held}, {known}";
        });
    }

    static Command Change(Terminal terminal, string verb, string description, Option[] options,
        Func<NewPerson, ParseResult, NewPerson> change, Func<Person, Person, string> told)
    {
        var selector = new PersonSelector();
        var command = GalleryCommand.Change(terminal, verb, description, options, (gallery, parsed, json) =>
        {
            var before = selector.Find(parsed, gallery);
            var after = gallery.UpdatePerson(before.Id,
                change(new(before.Name) { ExternalKey = before.ExternalKey, Metadata = before.Metadata }, parsed));
            terminal.Changed = told(before, after);
            if (json)
            {
                PersonShowJson document = new("edgeface.person.v1", PersonJson.Of(after), [.. gallery.Samples(after.Id).Select(SampleJson.Of)]);
                JsonOutput.Write(terminal, document, PeopleJson.Default.PersonShowJson);
            }
            else terminal.Out.WriteLine(terminal.Changed);
            if (after.Name != before.Name && gallery.PersonsNamed(after.Name) is { Count: > 1 } several)
                terminal.Error.WriteLine(Namesakes(after, several));
            return ExitCode.Done;
        });
        selector.AddTo(command);
        return command;
    }

    static string Namesakes(Person person, IReadOnlyList<Person> several)
        => $"edgeface: {several.Count} people are named '{person.Name}' now ({string.Join(", ", several.Take(5).Select(p => p.Id))}), "
            + "and --name no longer says which: say it with --id, or with --key after 'edgeface gallery edit --id N --set-key KEY'";
}
