using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeFace.Evaluation;

namespace EdgeFace.App.Output;

/// <summary>What the gate does to crops of people that it was not fitted on.</summary>
/// <param name="Change">What was done to them.</param>
/// <param name="Recognisable">Whether they can be recognised after that, as measured; null where that is not clear.</param>
/// <param name="Refused">The share that does not pass.</param>
sealed record GateChangeJson(string Change, bool? Recognisable, double Refused);

/// <summary>A gate that was fitted.</summary>
/// <param name="File">The model with the gate in its card.</param>
/// <param name="People">On whom it was fitted.</param>
/// <param name="HeldPeople">By whom it is judged.</param>
/// <param name="Threshold">The cosine from which two faces counted as one person's.</param>
/// <param name="Fmr">Its false match rate.</param>
/// <param name="Limit">The score from which a face passes.</param>
/// <param name="Changes">The first is no change.</param>
sealed record FittedGateJson(string File, int People, int HeldPeople, double Threshold, double Fmr, double Limit, GateChangeJson[] Changes)
{
    /// <summary>A calibration with this added.</summary>
    public string Beside(Calibration calibration)
    {
        var all = JsonNode.Parse(calibration.ToJson())!.AsObject();
        all["gate"] = JsonSerializer.SerializeToNode(this, ToolJson.Default.FittedGateJson);
        return all.ToJsonString(ToolJson.Default.Options);
    }
}
