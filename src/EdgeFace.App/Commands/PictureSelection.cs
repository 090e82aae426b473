using EdgeFace.Evaluation.Data;

namespace EdgeFace.App.Commands;

/// <summary>Which annotated pictures are meant, and in which groups.</summary>
static class PictureSelection
{
    const int MostGroups = 100;

    /// <summary>The pictures of a set; all where none is named.</summary>
    /// <exception cref="UsageException">No picture is of it.</exception>
    public static AnnotatedPicture[] OfSet(AnnotatedPictures[] lists, string? set)
    {
        AnnotatedPicture[] all = [.. lists.SelectMany(l => l.Pictures)];
        if (set is null) return all;
        AnnotatedPicture[] chosen = [.. all.Where(p => p.Fields.GetValueOrDefault("set") == set)];
        if (chosen.Length > 0) return chosen;
        string[] known = [.. all.Select(p => p.Fields.GetValueOrDefault("set")).OfType<string>().Distinct().Order(StringComparer.Ordinal).Take(10)];
        var there = known.Length > 0 ? $"there are {string.Join(", ", known)}" : "there is none";
        throw new UsageException($"--set {set}: no picture is of that set; {there}.");
    }

    /// <summary>The group of a picture; null for one that has none.</summary>
    public static Func<AnnotatedPicture, string?>? Grouping(AnnotatedPicture[] pictures, string? by)
    {
        if (by is null) return null;
        Func<AnnotatedPicture, string?> group = by == "prefix" ? p => Prefix(Path.GetFileName(p.Image.Name)) : p => p.Fields.GetValueOrDefault(by);
        return pictures.Select(group).OfType<string>().Distinct().Count() switch
        {
            0 => throw new UsageException($"--by {by}: no picture has {(by == "prefix" ? "a '-' in its name" : "such a field")}."),
            > MostGroups and var count => throw new UsageException($"--by {by} makes {count} groups; at most {MostGroups} are told apart."),
            _ => group,
        };

        static string? Prefix(string name) => name.IndexOf('-', StringComparison.Ordinal) is > 0 and var end ? name[..end] : null;
    }
}
