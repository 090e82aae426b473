using System.CommandLine;
using EdgeFace.Models;

namespace EdgeFace.Training.Commands;

/// <summary><c>edgeface-train sizes</c>: parameters and multiply-adds of the networks over rank ratios.</summary>
static class SizesCommand
{
    static readonly double?[] Gammas = [null, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2];

    public static Command Create()
    {
        var command = new Command("sizes", "Parameters and multiply-adds of the networks over LoRaLin's rank ratio.");
        command.SetAction(_ =>
        {
            Console.WriteLine("| dims | gamma | parameters | million multiply-adds |\n|---|---|---|---|");
            foreach (var row in Rows()) Console.WriteLine(row);
            return 0;
        });
        return command;
    }

    /// <summary>The rows of the table.</summary>
    public static IEnumerable<string> Rows() =>
        from variant in EdgeFaceVariants.All.DistinctBy(v => v.Dims[0])
        from gamma in Gammas
        let network = variant.WithGamma(gamma)
        let dims = string.Join(", ", network.Dims)
        let ratio = gamma is { } g ? FormattableString.Invariant($"{g}") : "none"
        let millions = network.MultiplyAdds / 1e6
        select FormattableString.Invariant($"| {dims} | {ratio} | {network.ParameterCount:N0} | {millions:f2} |");
}
