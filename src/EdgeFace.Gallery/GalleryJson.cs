using System.Text.Json.Serialization;

namespace EdgeFace.Gallery;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(EmbeddingContract))]
sealed partial class GalleryJson : JsonSerializerContext;
