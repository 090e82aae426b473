using System.CommandLine;
using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Evaluation.Results;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface eval pairs|identities|templates</c>: the protocols of the papers, one model or several side by side.</summary>
static class EvalCommand
{
    public static Command Create(Terminal terminal) => new(
        "eval", "Measure models by the protocols of the papers, and detectors (docs/evaluation.md).")
    {
        Pairs(terminal), Identities(terminal), Templates(terminal), EvalDetectionCommand.Create(terminal),
    };

    static Command Pairs(Terminal terminal)
    {
        Argument<string> data = new("data") { Description = "Folder of images for --pairs, CFP's folder, or an InsightFace .bin file." };
        Option<string?> pairs = new("--pairs")
        {
            Description = "List of pairs: LFW's pairs.txt, a CSV (fold,same,a,b), CALFW's or CPLFW's list.", HelpName = "FILE",
        };
        Option<bool> frontal = new("--frontal") { Description = "Of CFP take the frontal-frontal pairs instead of the frontal-profile ones." };
        var command = new Command("pairs", "Accuracy over folds, ROC, DET and FNMR at FMR of listed pairs.") { data, pairs, frontal };
        new EvalRun(terminal, "pairs").AddTo(command,
            parsed => DataSetOpener.Pairs(parsed.GetRequiredValue(data), parsed.GetValue(pairs), !parsed.GetValue(frontal)),
            i => ModelResult.OfPairs(i.Name, i.Contract, i.Set, i.Images, new PersonBootstrap(), i.Labels, i.Qualities));
        return command;
    }

    static Command Identities(Terminal terminal)
    {
        Argument<string> data = new("data")
        {
            Description = "Folder with a folder for each person, a list (person,image), or a RecordIO .rec file.",
        };
        Option<bool> nested = new("--nested") { Description = "People's folders may lie deeper." };
        var followLinks = CommonOptions.FollowLinks();
        var command = new Command("identities", "DET and FNMR at FMR of all pairs of images of known people.") { data, nested, followLinks };
        new EvalRun(terminal, "identities").AddTo(command, parsed => DataSetOpener.People(parsed.GetRequiredValue(data), parsed.GetValue(nested),
            parsed.GetValue(followLinks)),
            i => ModelResult.OfIdentities(i.Name, i.Contract, i.Set, i.Images, new PersonBootstrap(), i.Labels, i.Qualities));
        return command;
    }

    static Command Templates(Terminal terminal)
    {
        Argument<string> data = new("data") { Description = "Folder of IJB-B or IJB-C: meta/ and loose_crop/." };
        Option<bool> detect = new("--detect") { Description = "Find the faces anew instead of aligning by the landmarks that the data set lists." };
        var command = new Command("templates", "TAR at FAR and identification of templates, as IJB-B and IJB-C define them.") { data, detect };
        new EvalRun(terminal, "templates").AddTo(command, parsed => IjbFolder.Read(parsed.GetRequiredValue(data)),
            i => ModelResult.OfTemplates(i.Name, i.Contract, i.Set, i.Images), detect);
        return command;
    }
}
