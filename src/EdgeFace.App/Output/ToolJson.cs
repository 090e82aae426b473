using System.Text.Json.Serialization;

namespace EdgeFace.App.Output;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(CompareJson))]
[JsonSerializable(typeof(DetectJson))]
[JsonSerializable(typeof(AlignJson))]
[JsonSerializable(typeof(EmbedJson))]
[JsonSerializable(typeof(ModelsJson))]
[JsonSerializable(typeof(ShowJson))]
[JsonSerializable(typeof(VerifyJson))]
[JsonSerializable(typeof(ConvertJson))]
[JsonSerializable(typeof(PullJson))]
[JsonSerializable(typeof(QueueJson))]
[JsonSerializable(typeof(WorkJson))]
[JsonSerializable(typeof(InfoJson))]
[JsonSerializable(typeof(BenchJson))]
[JsonSerializable(typeof(EvalJson))]
[JsonSerializable(typeof(FittedGateJson))]
[JsonSerializable(typeof(EvalDetectionJson))]
sealed partial class ToolJson : JsonSerializerContext;
