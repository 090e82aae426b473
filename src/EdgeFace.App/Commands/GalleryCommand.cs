using System.CommandLine;
using EdgeFace.App.Output;
using EdgeFace.Gallery;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface gallery ...</c>: what is in a gallery, and what an operator does with it.</summary>
static class GalleryCommand
{
    public static Command Create(Terminal terminal) => new("gallery", "Look after a gallery: people, samples, keys, models.")
    {
        Info(terminal), List(terminal), GalleryPersonCommand.Show(terminal), GalleryEditCommand.Rename(terminal), GalleryEditCommand.Edit(terminal),
        GalleryPersonCommand.Delete(terminal), Check(terminal), Audit(terminal), GalleryExchangeCommand.Export(terminal),
        GalleryExchangeCommand.Import(terminal), GalleryMergeCommand.Merge(terminal), GalleryMergeCommand.Unmerge(terminal),
        GalleryMergeCommand.Move(terminal), GalleryBackupCommand.Backup(terminal), GalleryBackupCommand.Restore(terminal),
        GalleryReembedCommand.Create(terminal), GalleryKeyCommand.New(terminal), GalleryKeyCommand.Change(terminal),
    };

    static Command Info(Terminal terminal) => On(terminal, "info", "What a gallery is bound to and how much it holds.", [], (gallery, _, json) =>
    {
        var info = gallery.Info;
        if (json) JsonOutput.Write(terminal, GalleryInfoJson.Of(info), PeopleJson.Default.GalleryInfoJson);
        else
        {
            terminal.Out.WriteLine($"{Text.Count(info.Persons, "person", "people")}, {Text.Count(info.Samples, "sample")} "
                + FormattableString.Invariant($"(at most {info.MostSamplesPerPerson} a person), {Text.Count(info.Crops, "crop")}"));
            terminal.Out.WriteLine($"  bound to  {Text.Contract(ContractJson.Of(info.Contract))}");
            terminal.Out.WriteLine(FormattableString.Invariant($"  store     {info.Store}, tables of version {info.SchemaVersion}, ")
                + FormattableString.Invariant($"{(info.Encrypted ? "encrypted" : "not encrypted")}, {info.Rank} values a sample"));
            terminal.Out.WriteLine($"  created   {Text.Time(info.Created)}");
        }
        return ExitCode.Done;
    });

    static Command List(Terminal terminal)
    {
        Option<long> after = new Option<long>("--after") { Description = "Begin after the person with this number.", HelpName = "N" }
            .In(NumberRange.FromZero<long>());
        Option<int> count = new Option<int>("--count") { Description = "At most so many people.", HelpName = "N", DefaultValueFactory = _ => 1000 }
            .In(NumberRange.Positive<int>());
        return On(terminal, "list", "The people, in the order of their numbers.", [after, count], (gallery, parsed, json) =>
        {
            var people = gallery.Persons(parsed.GetValue(after), parsed.GetValue(count));
            var total = gallery.Info.Persons;
            if (json)
                JsonOutput.Write(terminal,
                    new("edgeface.persons.v1", total, [.. people.Select(PersonJson.Of)]), PeopleJson.Default.PersonsJson);
            else
            {
                terminal.Table(["number", "name", "key", "samples", "added"], people.Select(p => (string[])
                    [$"{p.Id}", p.Name, p.ExternalKey ?? "", $"{p.Samples}", Text.Time(p.Created)]));
                var next = people.Count > 0 && gallery.Persons(people[^1].Id, 1).Count > 0
                    ? FormattableString.Invariant($"; the next: --after {people[^1].Id}") : "";
                terminal.Out.WriteLine(FormattableString.Invariant($"{people.Count:n0} of {total:n0} people{next}"));
            }
            return ExitCode.Done;
        });
    }

    static Command Check(Terminal terminal) => On(terminal, "check",
        "Examine a gallery: its integrity, that every row can be read, and that the search sees what is stored. Exit code 3 if something is wrong.",
        [], (gallery, _, json) =>
    {
        var check = gallery.Check();
        if (json)
            JsonOutput.Write(terminal,
                new("edgeface.gallery-check.v1", check.Problems.Count == 0, check.Persons, check.Samples, [.. check.Problems]),
                PeopleJson.Default.GalleryCheckJson);
        else
            terminal.Out.WriteLine($"{Text.Count(check.Persons, "person", "people")} and {Text.Count(check.Samples, "sample")} read: "
                + (check.Problems.Count == 0 ? "sound" : Text.Count(check.Problems.Count, "problem")));
        foreach (var problem in check.Problems) terminal.Error.WriteLine($"edgeface: {problem}");
        return check.Problems.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    });

    static Command Audit(Terminal terminal)
    {
        Option<long> after = new Option<long>("--after") { Description = "Begin after the entry with this number.", HelpName = "N" }
            .In(NumberRange.FromZero<long>());
        Option<int> count = new Option<int>("--count") { Description = "At most so many entries.", HelpName = "N",
            DefaultValueFactory = _ => 1000 }.In(NumberRange.Positive<int>());
        return On(terminal, "audit", "What was done to a gallery, oldest first.", [after, count], (gallery, parsed, json) =>
        {
            var entries = gallery.Audit(parsed.GetValue(after), parsed.GetValue(count));
            if (json)
                JsonOutput.Write(terminal,
                    new("edgeface.audit.v1",
                        [.. entries.Select(e => new AuditEntryJson(e.Id, e.At, e.Action, e.PersonId, e.SampleId, e.Detail))]),
                    PeopleJson.Default.AuditJson);
            else
                terminal.Table(["entry", "when", "action", "person", "sample", "detail"], entries.Select(e => (string[])
                    [$"{e.Id}", Text.Time(e.At), e.Action, $"{e.PersonId}", $"{e.SampleId}", e.Detail ?? ""]));
            return ExitCode.Done;
        });
    }

    internal static Command On(Terminal terminal, string name, string description, Option[] options, Func<IGallery, ParseResult, bool, int> run)
        => On(terminal, name, description, options, (opener, parsed) => opener.OpenToRead(parsed), run);

    internal static Command Change(Terminal terminal, string name, string description, Option[] options, Func<IGallery, ParseResult, bool, int> run)
        => On(terminal, name, description, options, (opener, parsed) => opener.Open(parsed), run);

    static Command On(
        Terminal terminal, string name, string description, Option[] options, Func<GalleryOpener, ParseResult, IGallery> open,
        Func<IGallery, ParseResult, bool, int> run)
    {
        var opener = new GalleryOpener();
        var json = CommonOptions.Json();
        var command = new Command(name, description);
        opener.AddTo(command);
        foreach (var option in options) command.Add(option);
        command.Add(json);
        command.SetAction(parsed =>
        {
            using var gallery = open(opener, parsed);
            return run(gallery, parsed, parsed.GetValue(json));
        });
        return command;
    }
}
