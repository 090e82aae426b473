namespace EdgeFace.App.Output;

/// <param name="Kind">Who is at fault; null where that is not known of the item alone.</param>
sealed record ErrorJson(string File, string Message, string? Kind = null)
{
    public static ErrorJson Of(string file, Problem problem) => new(file, problem.Message, Text.Kind(problem.Kind));
}
