using System.CommandLine;
using EdgeFace.App.Output;
using EdgeFace.Gallery;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface gallery merge|unmerge|move</c>: whose the samples are.</summary>
static class GalleryMergeCommand
{
    public static Command Merge(Terminal terminal)
    {
        Option<long> into = new Option<long>("--into") { Description = "The number of the person who stays.", HelpName = "N", Required = true }
            .In(NumberRange.Positive<long>());
        Option<long> from = new Option<long>("--from")
        {
            Description = "The number of the person whose samples they get, and who is shown no more.", HelpName = "M", Required = true,
        }.In(NumberRange.Positive<long>());
        const string About = "Make one person of two who are the same. 'gallery unmerge M' undoes it, until one of the two is deleted.";
        return GalleryCommand.Change(terminal, "merge", About, [into, from], (gallery, parsed, json) =>
        {
            var other = parsed.GetRequiredValue(from);
            var person = gallery.MergePeople(parsed.GetRequiredValue(into), other);
            terminal.Changed = FormattableString.Invariant(
                $"merged person {other} into {person.Name} ({person.Id}), who has {person.Samples} samples now");
            if (json) Write(terminal, new("edgeface.merge.v1", PersonJson.Of(person), other));
            else terminal.Out.WriteLine(terminal.Changed);
            return ExitCode.Done;
        });
    }

    public static Command Unmerge(Terminal terminal)
    {
        Argument<long> from = new Argument<long>("person") { Description = "The number of the person who was merged into another." }
            .In(NumberRange.Positive<long>());
        const string About = "Undo a merge: the person is there again, with the samples that were theirs.";
        var command = GalleryCommand.Change(terminal, "unmerge", About, [], (gallery, parsed, json) =>
        {
            var person = gallery.UndoMerge(parsed.GetRequiredValue(from));
            terminal.Changed = FormattableString.Invariant($"{person.Name} ({person.Id}) is there again, with {person.Samples} samples");
            if (json) Write(terminal, new("edgeface.merge.v1", PersonJson.Of(person), null));
            else terminal.Out.WriteLine(terminal.Changed);
            return ExitCode.Done;
        });
        command.Add(from);
        return command;
    }

    public static Command Move(Terminal terminal)
    {
        Option<long> sample = new Option<long>("--sample") { Description = "The number of the sample.", HelpName = "S", Required = true }
            .In(NumberRange.Positive<long>());
        Option<long> to = new Option<long>("--to") { Description = "The number of the person whose it is.", HelpName = "N", Required = true }
            .In(NumberRange.Positive<long>());
        return GalleryCommand.Change(terminal, "move", "Give a sample to the person whose it is.", [sample, to], (gallery, parsed, json) =>
        {
            var person = parsed.GetRequiredValue(to);
            var moved = gallery.MoveSample(parsed.GetRequiredValue(sample), person);
            terminal.Changed = FormattableString.Invariant($"sample {moved.Id} belongs to person {person} now");
            if (json)
                JsonOutput.Write(terminal, new("edgeface.move.v1", SampleJson.Of(moved), PersonJson.Of(gallery.FindPerson(person)!)),
                    PeopleJson.Default.MoveJson);
            else terminal.Out.WriteLine(terminal.Changed);
            return ExitCode.Done;
        });
    }

    static void Write(Terminal terminal, MergeJson done) => JsonOutput.Write(terminal, done, PeopleJson.Default.MergeJson);
}
