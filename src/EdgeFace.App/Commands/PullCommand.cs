using System.CommandLine;
using EdgeFace.App.Output;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface models pull NAME</c>: the only command that uses the network.</summary>
static class PullCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> name = new("name") { Description = "An official checkpoint from 'edgeface models list'." };
        Option<bool> accept = new("--accept-license")
        {
            Description = "Accept the licence of the weights, which the command shows without this option.",
        };
        Option<string?> from = new("--from")
        {
            Description = "Download from here instead of the published address, e.g. a mirror in your network. "
                + "Known sizes and hashes are checked all the same.",
            HelpName = "URL",
        };
        var json = CommonOptions.Json();
        var command = new Command("pull", "Download an official checkpoint from its published address.") { name, accept, from, json };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(name), parsed.GetValue(accept), parsed.GetValue(from), parsed.GetValue(json)));
        return command;
    }

    static int Run(Terminal terminal, string name, bool accepted, string? from, bool json)
    {
        var model = OfficialModels.Find(name) ?? throw new UsageException(
            $"there is no official checkpoint '{name}', only {string.Join(", ", OfficialModels.All.Select(m => m.Name))}.");
        var url = from is null ? model.Url : Uri.TryCreate(from, UriKind.Absolute, out var given) && ModelDownload.MayAsk(given) ? given
            : throw new UsageException($"--from is an https address, or an http address on this machine, not '{from}'.");
        var (target, there) = (model.Path, model.IsWhole);
        if (!there)
        {
            terminal.Error.WriteLine(OfficialModel.Licence);
            if (!accepted) throw new UsageException($"if these terms suit you: edgeface models pull {model.Name} --accept-license");
            ModelCatalogue.DownloadAsync(model, url, terminal.ShowsProgress ? new Progress(terminal) : null).GetAwaiter().GetResult();
        }
        terminal.Changed = there ? null : $"downloaded {target}";
        var bytes = new FileInfo(target).Length;
        if (json)
            JsonOutput.Write(terminal, new("edgeface.pull.v1", model.Name, target, bytes, OfficialModel.HashOf(target), there),
                ToolJson.Default.PullJson);
        else terminal.Out.WriteLine($"{model.Name}: {(there ? "already there" : "downloaded and verified")}, {Text.Bytes(bytes)}, {target}");
        return ExitCode.Done;
    }

    /// <summary>A line for each MiB, at once and in their order.</summary>
    sealed class Progress(Terminal terminal) : IProgress<DownloadProgress>
    {
        long _shown;

        public void Report(DownloadProgress value)
        {
            if (value.Bytes - _shown < 1 << 20) return;
            _shown = value.Bytes;
            terminal.Error.WriteLine($"{Text.Bytes(value.Bytes)}{(value.Total is { } all ? $" of {Text.Bytes(all)}" : "")}");
        }
    }
}
