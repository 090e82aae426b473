using System.CommandLine;
using EdgeFace.App.Galleries;
using EdgeFace.App.Output;
using EdgeFace.Gallery;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface gallery new-key|change-key</c>: what encrypts a gallery.</summary>
static class GalleryKeyCommand
{
    public static Command New(Terminal terminal)
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

    public static Command Change(Terminal terminal)
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
}
