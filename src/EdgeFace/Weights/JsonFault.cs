using System.Text.Json;

namespace EdgeFace.Weights;

/// <summary>What is wrong with a JSON document, for whoever wrote it: the serialiser's own words name types of this program.</summary>
static class JsonFault
{
    const string MissingNames = "including: ";

    public static string Of(Exception e)
    {
        if (e.InnerException is JsonException syntax) return syntax.Message;
        if (e is not JsonException { Path: { } path }) return e.Message;
        var at = e.Message.IndexOf(MissingNames, StringComparison.Ordinal);
        return at < 0 ? $"{path} is null or of another kind than it should be" : $"{path} lacks {Names(e.Message[(at + MissingNames.Length)..])}";
    }

    // 'name', 'kind'. Path: $ | LineNumber: 0 | BytePositionInLine: 2.
    static string Names(string text)
        => text[..(text.IndexOf("'.", StringComparison.Ordinal) is >= 0 and var end ? end + 1 : text.Length)].TrimEnd('.');
}
