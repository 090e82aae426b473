using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EdgeFace.App.Output;

/// <summary>
/// The documents that <c>--json</c> prints (docs/cli.md). A field's meaning never changes under one schema name; fields may be added.
/// </summary>
static class JsonOutput
{
    public static void Write<T>(Terminal terminal, T document, JsonTypeInfo<T> type)
        => terminal.Layout.WriteLine(JsonSerializer.Serialize(document, type));
}
