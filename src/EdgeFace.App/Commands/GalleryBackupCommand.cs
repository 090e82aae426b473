using System.CommandLine;
using EdgeFace.App.Galleries;
using EdgeFace.App.Output;
using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface gallery backup|restore</c>: a gallery's file copied while it is in use, and back.</summary>
static class GalleryBackupCommand
{
    public static Command Backup(Terminal terminal)
    {
        OutputArgument output = new("output") { Description = "The file to write; it must not exist." };
        var opener = new GalleryOpener();
        var json = CommonOptions.Json();
        const string About = "Copy a gallery as of one moment, also while others use it, and examine the copy. "
            + "The copy of an encrypted gallery is encrypted, too.";
        var command = new Command("backup", About) { output };
        opener.AddTo(command);
        command.Add(json);
        command.SetAction(parsed =>
        {
            RequireFile(parsed, opener);
            using var gallery = (SqliteGallery)opener.OpenToRead(parsed);
            var to = parsed.GetRequiredValue(output);
            var copied = gallery.Backup(to);
            terminal.Changed = $"wrote {to}";
            var from = parsed.GetRequiredValue(opener.Gallery);
            Tell(terminal, parsed.GetValue(json), new("edgeface.backup.v1", to, from, copied.Persons, copied.Samples));
            return ExitCode.Done;
        });
        return command;
    }

    public static Command Restore(Terminal terminal)
    {
        Argument<string> backup = new("backup") { Description = "What 'gallery backup' wrote." };
        Option<bool> force = new("--force") { Description = "Overwrite the gallery if it is there already; what it holds is lost." };
        var opener = new GalleryOpener();
        var json = CommonOptions.Json();
        var command = new Command("restore",
            "Make a gallery of a backup, which is examined first. Whoever has the overwritten gallery open is told at the next call.") { backup };
        opener.AddTo(command);
        command.Add(force);
        command.Add(json);
        command.SetAction(parsed =>
        {
            RequireFile(parsed, opener);
            var (from, to) = (parsed.GetRequiredValue(backup), parsed.GetRequiredValue(opener.Gallery));
            if (!parsed.GetValue(force) && File.Exists(to))
                throw new InputException($"{to} exists already; restore to another place, or say that it is to be overwritten (--force)");
            var restored = SqliteGallery.Restore(from, to, opener.Options(parsed), parsed.GetValue(force));
            terminal.Changed = $"restored {to}";
            Tell(terminal, parsed.GetValue(json), new("edgeface.restore.v1", to, from, restored.Persons, restored.Samples));
            return ExitCode.Done;
        });
        return command;
    }

    static void Tell(Terminal terminal, bool json, BackupJson done)
    {
        if (json) JsonOutput.Write(terminal, done, PeopleJson.Default.BackupJson);
        else
            terminal.Out.WriteLine(FormattableString.Invariant(
                $"{terminal.Changed} of {done.Of}: {done.Persons:n0} people and {done.Samples:n0} samples, all read and sound"));
    }

    static void RequireFile(ParseResult parsed, GalleryOpener opener)
    {
        if (PostgresGallery.IsConnection(parsed.GetRequiredValue(opener.Gallery)))
            throw new UsageException("a gallery in PostgreSQL is backed up by PostgreSQL: "
                + "'pg_dump --format=custom --schema=SCHEMA --file=OUT DATABASE', and back by 'pg_restore --dbname=DATABASE OUT' into a database "
                + "without that schema; both work while others use it.");
    }
}
