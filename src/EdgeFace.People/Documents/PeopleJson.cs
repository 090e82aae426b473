using System.Text.Json.Serialization;
using EdgeFace.Gallery;

namespace EdgeFace.People.Documents;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, MaxDepth = MostDepth)]
[JsonSerializable(typeof(GalleryInfoJson))]
[JsonSerializable(typeof(EnrollJson))]
[JsonSerializable(typeof(IdentifyJson))]
[JsonSerializable(typeof(VerificationJson))]
[JsonSerializable(typeof(PersonsJson))]
[JsonSerializable(typeof(PersonShowJson))]
[JsonSerializable(typeof(GalleryCheckJson))]
[JsonSerializable(typeof(DeletionJson))]
[JsonSerializable(typeof(BackupJson))]
[JsonSerializable(typeof(MergeJson))]
[JsonSerializable(typeof(MoveJson))]
[JsonSerializable(typeof(AuditJson))]
[JsonSerializable(typeof(ExportedJson))]
[JsonSerializable(typeof(ImportedJson))]
[JsonSerializable(typeof(ReembedJson))]
[JsonSerializable(typeof(ClusterJson))]
[JsonSerializable(typeof(string))]
sealed partial class PeopleJson : JsonSerializerContext
{
    /// <summary>
    /// Metadata are nested less deep (<see cref="NewPerson.MostMetadataDepth"/>), but those of older galleries may be 64 deep, and a document
    /// adds its own levels.
    /// </summary>
    public const int MostDepth = 256;
}
