using EdgeFace.App.Output;
using EdgeFace.Evaluation.Data;

namespace EdgeFace.App.Commands;

/// <summary>The pictures of a command.</summary>
/// <param name="Files">In order; a file that is named is taken as often as it is named, one that is found in a folder once.</param>
/// <param name="IsOne">Whether one picture was named, and nothing else.</param>
/// <param name="Ignored">What looks like a picture in a folder and is passed over.</param>
/// <param name="Errors">What cannot be looked at.</param>
sealed record PictureList(string[] Files, bool IsOne, ErrorJson[] Ignored, ErrorJson[] Errors)
{
    const int MostShown = 5;

    public static PictureList Of(Terminal terminal, IReadOnlyList<string> paths, IReadOnlyList<ErrorJson> errors, bool followLinks)
    {
        var walk = new PictureWalk(DataSetOptions.Default with { FollowLinks = followLinks });
        foreach (var path in paths.Where(p => !Directory.Exists(p))) walk.Know(path);
        List<string> files = [];
        List<ErrorJson> empty = [];
        foreach (var path in paths)
        {
            var before = files.Count;
            if (!Directory.Exists(path)) files.Add(path);
            else files.AddRange(walk.Deep(path));
            if (files.Count == before && !walk.PassedOver.Any(p => p.Path == path)) empty.Add(new(path, $"{path}: there is no picture in it"));
        }
        ErrorJson[] ignored = [.. ErrorJson.Of(walk.PassedOver.Where(p => !p.IsFault)), .. empty];
        ErrorJson[] unreadable = [.. errors, .. ErrorJson.Of(walk.PassedOver.Where(p => p.IsFault))];
        if (files.Count > 0)
        {
            Tell(terminal, ignored);
            return new([.. files], paths.Count == 1 && files is [var only] && only == paths[0], ignored, unreadable);
        }
        Tell(terminal, [.. ignored.Except(empty)]);
        ImageBatch.Report(terminal, unreadable);
        throw new InputException(empty.Count > 0 ? string.Join("; ", empty.Take(MostShown).Select(e => e.Message))
            : "there is no picture in the list");
    }

    /// <summary>Says on stderr what is passed over; not all of it where it is much.</summary>
    public static void Tell(Terminal terminal, IReadOnlyList<ErrorJson> ignored)
    {
        foreach (var one in ignored.Take(MostShown)) terminal.Error.WriteLine($"edgeface: {one.Message}");
        if (ignored.Count > MostShown)
            terminal.Error.WriteLine($"edgeface: and {ignored.Count - MostShown} more that are passed over; --json lists all");
    }
}
