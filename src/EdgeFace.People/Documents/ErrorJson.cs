using EdgeFace.Evaluation.Data;

namespace EdgeFace.People.Documents;

/// <param name="Kind">Who is at fault; null where that is not known of the item alone.</param>
sealed record ErrorJson(string File, string Message, string? Kind = null)
{
    public static ErrorJson Of(string file, Problem problem) => new(file, problem.Message, Wording.Kind(problem.Kind));

    /// <summary>What a walk passed over.</summary>
    public static IEnumerable<ErrorJson> Of(IEnumerable<PassedOver> all)
        => all.Select(p => new ErrorJson(p.Path, $"{p.Path}: passed over: {p.Why}"));
}
