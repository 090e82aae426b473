using System.CommandLine;
using System.CommandLine.Parsing;
using EdgeFace.App.Output;
using EdgeFace.Files;

namespace EdgeFace.App.Commands;

/// <summary>Refuses, before any work, outputs that would destroy what their own command reads or keeps.</summary>
static class OutputPaths
{
    // Of all other options and arguments the text may be a path: better one too many than one forgotten.
    static readonly string[] NoPaths = ["--name", "--key", "--description", "--format", "--precision", "--face", "--set", "--by"];

    /// <summary>Looks at everything on the command line.</summary>
    /// <exception cref="UsageException">An output is the same file as another or as an input.</exception>
    public static void Require(ParseResult parsed)
    {
        var outputs = Outputs(parsed);
        foreach (var (name, path, takesStdout) in outputs)
        {
            if (path == ResultFile.Stdout && !takesStdout)
                throw new UsageException($"{name} is no place for stdout; give it a name ('./-' if it is to be called '-').");
        }
        var places = Replaceable(outputs).ToList();
        if (places.GroupBy(o => o.Place).FirstOrDefault(g => g.Count() > 1) is { } same)
            throw new UsageException($"{string.Join(" and ", same.Select(o => o.Name))} are the same file, {same.First().Path}; "
                + "give each a file of its own.");
        foreach (var input in Given(parsed).Where(g => g.Symbol is not IOutput && !NoPaths.Contains(g.Name)))
            Refuse(places, input.Tokens.SelectMany(WithCompanions), $"the same file as {input.Name}, or belongs to it");
    }

    /// <summary>Looks at inputs that are not on the command line itself but in a folder or list that is.</summary>
    /// <exception cref="UsageException">An output is the same file as one of them.</exception>
    public static void RequireApart(ParseResult parsed, IEnumerable<string> inputs) => RequireApart(Outputs(parsed), inputs);

    /// <summary>Looks at files that are to be written into a folder.</summary>
    /// <exception cref="UsageException">One of them is the same file as an input.</exception>
    public static void RequireApart(Option output, IEnumerable<string> files, IEnumerable<string> inputs)
        => RequireApart([.. files.Select(f => (output.Name, f, false))], inputs);

    static void RequireApart(List<(string Name, string Path, bool TakesStdout)> outputs, IEnumerable<string> inputs)
    {
        // What is not there yet is no input.
        var places = Replaceable(outputs.Where(o => File.Exists(o.Path))).ToList();
        if (places.Count > 0) Refuse(places, inputs, "one of the files that the command reads");
    }

    static void Refuse(List<(string Name, string Path, FilePlace Place)> places, IEnumerable<string> inputs, string why)
    {
        if (places.Count == 0) return;
        var read = inputs.Select(FilePlace.Of).ToHashSet();
        foreach (var (name, path, place) in places)
            if (read.Contains(place)) throw new UsageException($"{name} {path}: this is {why}; write to another file.");
    }

    static List<(string Name, string Path, bool TakesStdout)> Outputs(ParseResult parsed)
        => [.. Given(parsed).Where(g => g.Symbol is IOutput)
            .SelectMany(g => g.Tokens.Select(path => (g.Name, path, ((IOutput)g.Symbol).TakesStdout)))];

    /// <summary>The outputs that a writing would replace: no folders, devices or pipes.</summary>
    static IEnumerable<(string Name, string Path, FilePlace Place)> Replaceable(IEnumerable<(string Name, string Path, bool TakesStdout)> outputs)
        => outputs.Where(o => !(o.TakesStdout && o.Path == ResultFile.Stdout) && FileStatus.Of(o.Path).Kind is FileKind.Missing or FileKind.Regular)
            .Select(o => (o.Name, o.Path, FilePlace.Of(o.Path)));

    static IEnumerable<(Symbol Symbol, string Name, IReadOnlyList<string> Tokens)> Given(ParseResult parsed)
    {
        foreach (var child in parsed.CommandResult.Children)
        {
            string[] tokens = [.. child.Tokens.Select(t => t.Value)];
            if (child is OptionResult { Option: var option }) yield return (option, option.Name, tokens);
            else if (child is ArgumentResult { Argument: var argument }) yield return (argument, $"<{argument.Name}>", tokens);
        }
    }

    /// <summary>
    /// The files that are read or kept together with one that is named: a gallery's, a container's index, what a model's name stands for.
    /// </summary>
    static IEnumerable<string> WithCompanions(string input)
    {
        yield return input;
        foreach (var end in (string[])["-wal", "-shm", "-journal", "-index"]) yield return input + end;
        if (Path.HasExtension(input)) yield return Path.ChangeExtension(input, ".idx");
        if (DetectorModels.RefinerBeside(input) is { } refiner) yield return refiner;
        if (OfficialModels.Find(input) is { } official) yield return official.Path;
    }
}
