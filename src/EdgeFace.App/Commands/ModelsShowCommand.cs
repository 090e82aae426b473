using System.CommandLine;
using EdgeFace.App.Output;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface models show</c>: what a model's card says.</summary>
static class ModelsShowCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string?> name = new("model") { Description = "Name or file; the default recogniser if left out.", Arity = ArgumentArity.ZeroOrOne };
        var json = CommonOptions.Json();
        var command = new Command("show", "A model's card: what it is, how it was trained, what was measured, licence, limits, thresholds.")
        {
            name, json,
        };
        command.SetAction(parsed =>
        {
            using var model = ModelCatalogue.Open(parsed.GetValue(name) ?? ModelCatalogue.DefaultRecogniser);
            if (parsed.GetValue(json))
                JsonOutput.Write(terminal, new("edgeface.model.v1", ModelsCommand.Describe(model)), ToolJson.Default.ShowJson);
            else PrintCard(terminal, model);
            return ExitCode.Done;
        });
        return command;
    }

    static void PrintCard(Terminal terminal, ModelFile model)
    {
        var card = model.Card;
        Line("name", $"{card.Name} {card.Version}");
        Line("kind", card.Kind);
        Line("network", model.Network?.Name ?? card.Architecture);
        Line("parameters", FormattableString.Invariant($"{model.ParameterCount:n0}, stored as {model.Storage}"));
        Line("work", model.Network is { } n
            ? FormattableString.Invariant($"{n.MultiplyAdds / 1e6:f2} million multiply-adds a crop, of linear layers and convolutions") : null);
        Line("weights", $"SHA-256 {model.WeightsSha256}");
        Line("source file", card.SourceSha256 is { } sha ? $"SHA-256 {sha}" : null);
        Line("what", card.Description);
        Line("training", card.Training);
        Line("data", card.Data);
        foreach (var source in card.Sources ?? []) Line("made from", $"{source.Name}: {source.Origin}; licence: {source.Licence}");
        Line("licence", card.Licence);
        Line("limits", card.Limits);
        foreach (var measurement in card.Measurements) Line("measured", $"{measurement.Set}; {measurement.Protocol}: {measurement.Value}");
        if (card.Kind == "recogniser")
            Line("gate", card.Gate?.Source
                ?? "none: every face passes, whether it can be recognised or not; edgeface calibrate --gate-into fits one");
        if (card.Thresholds.Count == 0 && card.Kind == "recogniser") Line("thresholds", "none calibrated: compare needs --threshold");
        if (card.Thresholds.Count == 0) return;
        Line("thresholds", card.ThresholdSource);
        var others = card.Thresholds.Any(t => t.FmrMeasured is not null);
        terminal.Table(["FMR aimed at", "one crop", "FNMR", "mirror sum", "FNMR", .. others ? (string[])["FMR measured"] : []],
            card.Thresholds.Select(t => (string[])
            [
                Wording.Rate(t.Fmr), Number(t.OneCrop, "f3"), Number(t.FnmrOneCrop, "p1"), Number(t.MirrorSum, "f3"), Number(t.FnmrMirrorSum, "p1"),
                .. others ? (string[])[t.FmrMeasured is { } measured ? Wording.Rate(measured) : ""] : [],
            ]));

        static string Number(double? value, string format) => value?.ToString(format, System.Globalization.CultureInfo.InvariantCulture) ?? "";

        void Line(string what, string? text)
        {
            if (text is not null) terminal.Wrap($"{what,-12}  ", text);
        }
    }
}
