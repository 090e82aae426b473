using System.CommandLine;
using EdgeFace.App.Galleries;
using EdgeFace.App.Output;
using EdgeFace.Gallery;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface gallery ...</c>: what is in a gallery, and what an operator does with it.</summary>
static class GalleryCommand
{
    public static Command Create(Terminal terminal) => new("gallery", "Look after a gallery: people, samples, keys, models.")
    {
        Info(terminal), List(terminal), Show(terminal), GalleryEditCommand.Rename(terminal), GalleryEditCommand.Edit(terminal),
        Delete(terminal), Check(terminal), Audit(terminal), GalleryExchangeCommand.Export(terminal), GalleryExchangeCommand.Import(terminal),
        GalleryReembedCommand.Create(terminal), NewKey(terminal), ChangeKey(terminal),
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

    static Command Show(Terminal terminal)
    {
        var selector = new PersonSelector();
        var command = On(terminal, "show", "A person and their samples.", [], (gallery, parsed, json) =>
        {
            var person = selector.Find(parsed, gallery);
            var samples = gallery.Samples(person.Id);
            if (json)
                JsonOutput.Write(terminal,
                    new("edgeface.person.v1", PersonJson.Of(person), [.. samples.Select(SampleJson.Of)]), PeopleJson.Default.PersonShowJson);
            else
            {
                terminal.Out.WriteLine($"{person.Name} ({person.Id}){(person.ExternalKey is { } key ? $", key {key}" : "")}, "
                    + $"added {Text.Time(person.Created)}");
                if (person.Metadata is { } metadata) terminal.Out.WriteLine($"  {metadata}");
                terminal.Table(["sample", "added", "face", "score", "sharpness", "yaw", "pitch", "roll", "crop", "source"],
                    samples.Select(s => (string[])
                    [
                        $"{s.Id}", Text.Time(s.Created), Number(s.Quality.FaceWidth, "0 px"), Number(s.Quality.DetectorScore, "0.00"),
                        Number(s.Quality.Sharpness, "0"), Number(s.Quality.Yaw, "0"), Number(s.Quality.Pitch, "0"), Number(s.Quality.Roll, "0"),
                        s.HasCrop ? "yes" : "", Path.GetFileName(s.Source) ?? "",
                    ]));
            }
            return ExitCode.Done;
        });
        selector.AddTo(command);
        return command;
    }

    static Command Delete(Terminal terminal)
    {
        var selector = new PersonSelector();
        Option<long?> sample = new Option<long?>("--sample") { Description = "Delete this one sample instead of a person.", HelpName = "N" }
            .In(NumberRange.Positive<long>());
        const string about = "Delete people with all samples and crops, or one sample. Nothing of them stays but their numbers in the audit.";
        var command = Change(terminal, "delete", about, [sample], (gallery, parsed, json) =>
        {
            Deletion deletion;
            if (parsed.GetValue(sample) is { } number)
            {
                if (selector.IsGiven(parsed)) throw new UsageException("--sample deletes one sample, --id, --key and --name a person: say one.");
                deletion = gallery.DeleteSample(number);
                if (deletion.Samples == 0) throw new InputException($"there is no sample {number}");
            }
            else
            {
                deletion = gallery.DeletePersons([.. selector.FindAll(parsed, gallery).Select(person => person.Id)]);
            }
            terminal.Changed = $"deleted: {Text.Counts(deletion.Persons, deletion.Samples, deletion.Crops)}";
            if (json)
                JsonOutput.Write(terminal,
                    new("edgeface.deletion.v1", deletion.Persons, deletion.Samples, deletion.Crops, deletion.Cleared),
                    PeopleJson.Default.DeletionJson);
            else terminal.Out.WriteLine(terminal.Changed);
            if (!deletion.Cleared)
                terminal.Error.WriteLine("edgeface: traces may be left in free space of the file, because another process was reading "
                    + "or the disk is full; the next opening clears them");
            return ExitCode.Done;
        });
        selector.AddTo(command);
        return command;
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

    static Command NewKey(Terminal terminal)
    {
        OutputOption output = new("--output", "-o")
        {
            Description = "The file to write; it must not exist. - prints the key.", HelpName = "FILE|-", Required = true, TakesStdout = true,
        };
        var command = new Command("new-key", "Write a new random key for --key-file. Whoever loses it loses the galleries it encrypts.") { output };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(output);
            var key = GalleryKey.Generate();
            if (path == ResultFile.Stdout)
            {
                terminal.Out.WriteLine(key.ToBase64());
                return ExitCode.Done;
            }
            KeyFile.Write(path, key);
            terminal.Changed = $"wrote {path}";
            terminal.Out.WriteLine($"wrote {path}: keep it where only the owner of the galleries can read it, and not beside them");
            return ExitCode.Done;
        });
        return command;
    }

    static Command ChangeKey(Terminal terminal)
    {
        var opener = new GalleryOpener();
        Option<string> to = new("--to")
        {
            Description = "The file of the new key, from 'edgeface gallery new-key'.", HelpName = "FILE", Required = true,
        };
        var command = new Command("change-key", "Give an encrypted gallery another key. "
            + "A copy of the file from before still opens with the former key; against that, export and import into a new gallery.") { to };
        opener.AddTo(command);
        command.SetAction(parsed =>
        {
            var path = opener.RequireFile(parsed);
            var key = GalleryKey.FromFile(parsed.GetRequiredValue(to));
            using var gallery = SqliteGallery.Open(path, null, opener.Options(parsed));
            var cleared = gallery.ChangeKey(key);
            terminal.Changed = $"{path} opens with the key in {parsed.GetRequiredValue(to)} from now on";
            terminal.Out.WriteLine(terminal.Changed);
            if (!cleared)
                terminal.Error.WriteLine("edgeface: traces of the former key may be left in free space of the file, "
                    + "because another process was reading or the disk is full; the next opening clears them");
            return ExitCode.Done;
        });
        return command;
    }

    static Command On(Terminal terminal, string name, string description, Option[] options, Func<IGallery, ParseResult, bool, int> run)
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

    static string Number(double? value, string format) => value?.ToString(format, System.Globalization.CultureInfo.InvariantCulture) ?? "";
}
