using System.CommandLine;
using EdgeFace.App.Output;
using EdgeFace.Evaluation.Data;

namespace EdgeFace.App.Commands;

/// <summary>The arguments and options that say which pictures a command is to take: files, folders, and lists of both.</summary>
/// <param name="what">What paths mean, if not pictures and folders of pictures.</param>
sealed class PictureInputs(string name = "images", string? what = null)
{
    public Argument<string[]> Paths { get; } = new(name)
    {
        Description = what ?? $"Pictures ({string.Join(", ", DataSetOptions.Default.Extensions)}), and folders of them with the folders in these.",
        Arity = ArgumentArity.ZeroOrMore,
        HelpName = "IMG|DIR",
    };

    public Option<string?> FilesFrom { get; } = new("--files-from")
    {
        Description = "Take paths from this file too, one a line; '-' is the standard input.", HelpName = "FILE|-",
    };

    public Option<bool> Null { get; } = new("--null", "-0")
    {
        Description = "The paths of --files-from end with a zero byte, as 'find -print0' writes them.",
    };

    public Option<bool> FollowLinks { get; } = CommonOptions.FollowLinks();

    public void AddTo(Command command)
    {
        command.Add(Paths);
        foreach (var option in (Option[])[FilesFrom, Null, FollowLinks]) command.Add(option);
    }

    public bool IsGiven(ParseResult parsed) => parsed.GetValue(Paths)!.Length > 0 || parsed.GetValue(FilesFrom) is not null;

    /// <summary>The paths as given, of the command line first; and what of a list is no path.</summary>
    public (IReadOnlyList<string> Paths, IReadOnlyList<ErrorJson> Errors) Given(Terminal terminal, ParseResult parsed)
    {
        var paths = parsed.GetValue(Paths)!;
        if (parsed.GetValue(FilesFrom) is not { } list)
        {
            if (parsed.GetValue(Null)) throw new UsageException("--null goes with --files-from.");
            return (paths, []);
        }
        var (listed, errors) = PathList.Read(terminal, list, parsed.GetValue(Null));
        return ([.. paths, .. listed], errors);
    }

    /// <summary>The pictures that are meant. What is passed over is told on the way.</summary>
    /// <exception cref="UsageException">Nothing is given.</exception>
    /// <exception cref="InputException">There is no picture in what is given.</exception>
    public PictureList Read(Terminal terminal, ParseResult parsed)
    {
        if (!IsGiven(parsed)) throw new UsageException("say which pictures: files, folders, or a list with --files-from.");
        var (paths, errors) = Given(terminal, parsed);
        return PictureList.Of(terminal, paths, errors, parsed.GetValue(FollowLinks));
    }
}
