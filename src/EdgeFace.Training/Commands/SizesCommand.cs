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
            foreach (var variant in EdgeFaceVariants.All.DistinctBy(v => v.Dims[0]))
                foreach (var gamma in Gammas)
                {
                    var network = variant.WithGamma(gamma);
                    string dims = string.Join(", ", network.Dims), ratio = gamma is { } g ? FormattableString.Invariant($"{g}") : "none";
                    var millions = network.MultiplyAdds / 1e6;
                    Console.WriteLine(FormattableString.Invariant($"| {dims} | {ratio} | {network.ParameterCount:N0} | {millions:f2} |"));
                }
            return 0;
        });
        return command;
    }
}
