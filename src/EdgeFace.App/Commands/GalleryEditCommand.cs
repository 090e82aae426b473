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
        return Change(terminal, "rename", "Give a person another name; number, key, metadata and samples stay.", [to], (person, parsed) => person with { Name = parsed.GetRequiredValue(to) },
            (before, after) => $"{before.Name} ({before.Id}) is now {after.Name}");
    }

    public static Command Edit(Terminal terminal)
    {
        Option<string?> name = new("--set-name") { Description = "The new name.", HelpName = "NAME" };
        Option<string?> key = new("--set-key") { Description = "What another system calls that person; unique in a gallery.", HelpName = "KEY" };
        Option<string?> metadata = new("--set-metadata") { Description = "A JSON object in the place of the former one.", HelpName = "JSON" };
        Option<bool> clearKey = new("--clear-key") { Description = "Forget the key." };
        Option<bool> clearMetadata = new("--clear-metadata") { Description = "Forget the metadata." };
        return Change(terminal, "edit", "Give a person another name, key or metadata; what is not named stays, and so do number and samples.", [name, key, metadata, clearKey, clearMetadata], (person, parsed) =>
        {
            var (clearsKey, clearsMetadata) = (parsed.GetValue(clearKey), parsed.GetValue(clearMetadata));
            if (parsed.GetValue(key) is not null && clearsKey) throw new UsageException("--set-key and --clear-key exclude each other.");
            if (parsed.GetValue(metadata) is not null && clearsMetadata) throw new UsageException("--set-metadata and --clear-metadata exclude each other.");
            var edited = new NewPerson(parsed.GetValue(name) ?? person.Name)
            {
                ExternalKey = clearsKey ? null : parsed.GetValue(key) ?? person.ExternalKey,
                Metadata = clearsMetadata ? null : parsed.GetValue(metadata) ?? person.Metadata,
            };
            return clearsKey || clearsMetadata || (parsed.GetValue(name) ?? parsed.GetValue(key) ?? parsed.GetValue(metadata)) is not null ? edited : throw new UsageException("say what to change: --set-name, --set-key, --set-metadata, --clear-key or --clear-metadata.");
        }, (_, after) => $"{after.Name} ({after.Id}): {(after.ExternalKey is { } given ? $"key {given}" : "no key")}, {(after.Metadata is { } held ? $"metadata {held}" : "no metadata")}");
    }

    static Command Change(Terminal terminal, string verb, string description, Option[] options, Func<NewPerson, ParseResult, NewPerson> change, Func<Person, Person, string> told)
    {
        var selector = new PersonSelector();
        var command = GalleryCommand.On(terminal, verb, description, options, (gallery, parsed, json) =>
        {
            var before = selector.Find(parsed, gallery);
            var after = gallery.UpdatePerson(before.Id, change(new(before.Name) { ExternalKey = before.ExternalKey, Metadata = before.Metadata }, parsed));
            if (json) JsonOutput.Write(terminal, new("edgeface.person.v1", PersonJson.Of(after), [.. gallery.Samples(after.Id).Select(SampleJson.Of)]), GalleryToolJson.Default.PersonShowJson);
            else terminal.Out.WriteLine(told(before, after));
            if (after.Name != before.Name && gallery.PersonsNamed(after.Name) is { Count: > 1 } several) terminal.Error.WriteLine(Namesakes(after, several));
            return ExitCode.Done;
        });
        selector.AddTo(command);
        return command;
    }

    static string Namesakes(Person person, IReadOnlyList<Person> several)
        => $"edgeface: {several.Count} people are named '{person.Name}' now ({string.Join(", ", several.Take(5).Select(p => p.Id))}), and --name no longer says which: say it with --id, or with --key "
            + "after 'edgeface gallery edit --id N --set-key KEY'";
}
