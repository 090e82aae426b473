using System.CommandLine;
using EdgeFace.App.Output;
using EdgeFace.Gallery;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface gallery show|delete</c>: people and their samples.</summary>
static class GalleryPersonCommand
{
    public static Command Show(Terminal terminal)
    {
        var selector = new PersonSelector();
        var command = GalleryCommand.On(terminal, "show", "A person and their samples.", [], (gallery, parsed, json) =>
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

    public static Command Delete(Terminal terminal)
    {
        var selector = new PersonSelector();
        Option<long?> sample = new Option<long?>("--sample") { Description = "Delete this one sample instead of a person.", HelpName = "N" }
            .In(NumberRange.Positive<long>());
        const string about = "Delete people with all samples and crops, or one sample. Nothing of them stays but their numbers in the audit.";
        var command = GalleryCommand.Change(terminal, "delete", about, [sample], (gallery, parsed, json) =>
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

    static string Number(double? value, string format) => value?.ToString(format, System.Globalization.CultureInfo.InvariantCulture) ?? "";
}
