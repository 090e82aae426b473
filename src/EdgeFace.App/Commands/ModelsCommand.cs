using System.CommandLine;
using EdgeFace.App.Output;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface models ...</c>: what there is, what it is, whether it is whole, and from one format to another.</summary>
static class ModelsCommand
{
    public static Command Create(Terminal terminal) => new("models", "List, show, verify, convert and download models.")
    {
        List(terminal), ModelsShowCommand.Create(terminal), ModelsVerifyCommand.Create(terminal), ModelsConvertCommand.Create(terminal),
        PullCommand.Create(terminal),
    };

    static Command List(Terminal terminal)
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "The models that have a name here.") { json };
        command.SetAction(parsed =>
        {
            var entries = new List<ModelsEntryJson>();
            foreach (var (name, open) in ModelCatalogue.Embedded)
            {
                using var model = open();
                entries.Add(new(name, model.Card.Kind, "embedded", model.Card.Licence, null, null));
            }
            foreach (var official in OfficialModels.All)
            {
                var path = official.Path;
                entries.Add(new(official.Name, "recogniser", File.Exists(path) ? "pulled" : "can be pulled", OfficialModel.Licence,
                    File.Exists(path) ? path : null, official.Url.ToString()));
            }
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(terminal, new("edgeface.models.v1", [.. entries]), ToolJson.Default.ModelsJson);
                return ExitCode.Done;
            }
            terminal.Table(["name", "kind", "state", "licence"], entries.Select(e => (string[])
                [e.Name, e.Kind, e.State, e.State == "embedded" ? "non-commercial research use" : "Idiap, non-commercial (see pull)"]));
            terminal.Out.WriteLine($"pulled models lie in {ModelCatalogue.Folder} (set {ModelCatalogue.FolderVariable} to change that)");
            return ExitCode.Done;
        });
        return command;
    }

    public static ModelJson Describe(ModelFile model)
        => new(model.Card.Name, model.Source, model.Variant, model.ParameterCount, model.MultiplyAdds, model.Storage,
            model.WeightsSha256, model.Card);
}
