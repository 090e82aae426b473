using System.CommandLine;

namespace EdgeFace.App.Commands;

/// <summary>A file or folder that a command writes; <see cref="OutputPaths"/> looks after what is given for it.</summary>
interface IOutput
{
    /// <summary>Whether <c>-</c> means the standard output: the file is all that the command has to say.</summary>
    bool TakesStdout { get; }
}

/// <summary>An option that names an output.</summary>
sealed class OutputOption(string name, params string[] aliases) : Option<string>(name, aliases), IOutput
{
    public bool TakesStdout { get; init; }
}

/// <summary>An argument that names an output.</summary>
sealed class OutputArgument(string name) : Argument<string>(name), IOutput
{
    public bool TakesStdout => false;
}
