using EdgeFace.App.Output;
using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Evaluation.Results;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary>What <c>edgeface calibrate --gate-into</c> does: fits the gate of a recogniser and writes the recogniser with it.</summary>
static class GateCalibration
{
    // Below it too few pairs tell a change that spoils faces from one that does not.
    const double LeastFmr = 1e-4;

    /// <exception cref="UsageException">A card cannot be kept in such a file.</exception>
    public static void RequireName(string file)
    {
        if (!string.Equals(Path.GetExtension(file), ".efw", StringComparison.OrdinalIgnoreCase))
            throw new UsageException($"--gate-into {file}: a recogniser with a gate is written as .efw; give the file such a name.");
    }

    /// <exception cref="InputException">No gate can be fitted on so few people, whatever is found of them.</exception>
    public static void RequirePeople(DataSet set) => RequirePeople(set, set.People.Count, "");

    /// <summary>Fits the gate on crops of a data set, one of each person, and writes the model with it.</summary>
    /// <exception cref="InputException">Too few pairs of people, or faces were found of too few.</exception>
    /// <exception cref="GateFitException">The recogniser has no use for a gate.</exception>
    public static FittedGateJson Write(Terminal terminal, string file, string? model, FacePipeline pipeline, DataSet set, EmbeddedImages embedded,
        Calibration calibration)
    {
        var thresholds = calibration.RequireFor(pipeline.Contract).Thresholds;
        var known = thresholds.Where(t => t.Threshold.IsSupported && t.Fmr >= LeastFmr).MinBy(t => t.Fmr)
            ?? throw new InputException($"{set.Source}: --gate-into: the pairs support no threshold to fit a gate at: calibrate on more people");
        var threshold = known.Threshold.Value!.Value;
        int[] firsts = [.. set.People.Select(p => p.Images.Where(i => embedded.Failure(i) is null).Append(-1).First()).Where(i => i >= 0)];
        // From all of them, as neighbours may be relatives.
        int[] chosen = firsts.Length <= GateFit.MostPeople ? firsts
            : [.. Enumerable.Range(0, GateFit.MostPeople).Select(i => firsts[(long)i * firsts.Length / GateFit.MostPeople])];
        RequirePeople(set, chosen.Length, " of whom a face is found");
        var (gate, held) = terminal.WithProgress("fitting the gate", 2 * chosen.Length,
            step => GateFit.OnCrops(pipeline.Embedder, DataSetEmbedding.Crops(pipeline, set, chosen, step), (float)threshold, step));
        var people = chosen.Length - held[0].Faces.Length;
        var source = FormattableString.Invariant($"`edgeface calibrate --gate-into` on {calibration.Data.Description}: logistic regression over ")
            + FormattableString.Invariant($"aligned crops of {people} people, {held.Length} times changed; a change counts as leaving faces ")
            + FormattableString.Invariant($"recognisable where at most {GateExamples.Fine} times as many pairs of different people reach ")
            + FormattableString.Invariant($"{threshold:f3} (FMR {Wording.Rate(known.Fmr)}) or come near it; ")
            + FormattableString.Invariant($"the limit refuses at most {100 * GateFit.RefusedCrops:f1} % of the crops as they are ")
            + FormattableString.Invariant($"and {100 * GateFit.RefusedFine:f0} % of what changes left recognisable");
        var fitted = gate.ToModelGate(source);
        if (fitted.Fault() is { } fault)
            throw new InputException($"{set.Source}: --gate-into: these pictures give no gate that a card may hold: {fault}");
        using (var plain = ModelCatalogue.Open(model ?? ModelCatalogue.DefaultRecogniser))
            plain.WithCard(plain.Card with { Gate = fitted }).SaveAsStored(file);
        terminal.Changed = $"wrote {file}";
        return new(file, people, held[0].Faces.Length, threshold, known.Fmr, gate.Limit,
            [.. held.Select((h, i) => new GateChangeJson(h.Name, i == 0 || h.IsFine ? true : h.IsRisky ? false : null, Refused(h, gate)))]);
    }

    static void RequirePeople(DataSet set, int people, string which)
    {
        if (people < GateFit.FewestPeople)
            throw new InputException($"{set.Source}: --gate-into: a gate takes {GateFit.FewestPeople} people or more{which}, these are {people}");
    }

    static double Refused(GateExamples held, FittedGate gate) => Math.Round(1 - held.Faces.Count(gate.Accepts) / (double)held.Faces.Length, 4);

    public static void Print(Terminal terminal, FittedGateJson gate)
    {
        terminal.Out.WriteLine(FormattableString.Invariant($"{gate.File}: the recogniser with a gate, fitted on {gate.People} people at ")
            + FormattableString.Invariant($"threshold {gate.Threshold:f3} (FMR {Wording.Rate(gate.Fmr)})"));
        terminal.Out.WriteLine(FormattableString.Invariant($"of {gate.HeldPeople} other people's pictures it refuses ")
            + FormattableString.Invariant($"{100 * gate.Changes[0].Refused:f1} % as they are, and changed:"));
        terminal.Table(["change", "recognisable", "refused"], gate.Changes.Skip(1).Select(c => (string[])
        [
            c.Change, c.Recognisable switch { true => "yes", false => "no", null => "not clear" },
            FormattableString.Invariant($"{100 * c.Refused:f1} %"),
        ]));
    }
}
