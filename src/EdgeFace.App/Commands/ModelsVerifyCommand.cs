using System.CommandLine;
using EdgeFace.App.Output;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface models verify</c>: whether models are whole and work.</summary>
static class ModelsVerifyCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> names = new("models")
        {
            Description = "Names or files; all embedded and pulled models if left out.", Arity = ArgumentArity.ZeroOrMore,
        };
        var json = CommonOptions.Json();
        var command = new Command("verify", "Check models: readable, checksums, shapes, finite values, stored identity, "
            + "the published hash where there is one, and what they give on test pictures.") { names, json };
        command.SetAction(parsed =>
        {
            var wanted = parsed.GetValue(names) is { Length: > 0 } given
                ? given
                : [.. ModelCatalogue.Embedded.Select(m => m.Name),
                    .. OfficialModels.All.Where(m => m.IsDownloaded).Select(m => m.Name)];
            var results = wanted.Select(VerifyOne).ToArray();
            if (parsed.GetValue(json)) JsonOutput.Write(terminal, new("edgeface.verify.v1", results), ToolJson.Default.VerifyJson);
            else foreach (var r in results.Where(r => r.Valid)) terminal.Out.WriteLine($"{r.Name}: valid, weights {r.WeightsSha256}");
            foreach (var r in results.Where(r => !r.Valid)) terminal.Error.WriteLine($"edgeface: {r.Name}: {r.Problem}");
            return results.All(r => r.Valid) ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    static VerifiedJson VerifyOne(string name)
    {
        try
        {
            using var model = ModelCatalogue.Open(name);
            ModelCheck.Run(model);
            if (OfficialModels.Find(name)?.Sha256 is { } published && !File.Exists(name)
                && OfficialModel.HashOf(model.Source) is var found && found != published)
                throw new InputException($"the file has SHA-256 {found}, published is {published}");
            return new(name, true, model.WeightsSha256, null, null);
        }
        catch (Exception e) when (Problem.OfItem(e) is { } problem)
        {
            return new(name, false, null, Advice.Of(problem).Message, Wording.Kind(problem.Kind));
        }
    }
}
