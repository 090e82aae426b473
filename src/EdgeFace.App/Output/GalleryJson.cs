using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeFace.App.Galleries;
using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;

namespace EdgeFace.App.Output;

sealed record GalleryInfoJson(string Schema, string Store, ContractJson Contract, int Rank, long Persons, long Samples, long Crops,
    int MostSamplesPerPerson, int SchemaVersion, bool Encrypted, DateTimeOffset Created)
{
    public static GalleryInfoJson Of(GalleryInfo i)
        => new("edgeface.gallery.v1", i.Store, ContractJson.Of(i.Contract), i.Rank, i.Persons, i.Samples, i.Crops, i.MostSamplesPerPerson,
            i.SchemaVersion, i.Encrypted, i.Created);
}

sealed record PersonJson(long Id, string Name, string? ExternalKey, JsonElement? Metadata, DateTimeOffset Created, int Samples)
{
    public static PersonJson Of(Person p) => new(p.Id, p.Name, p.ExternalKey, p.Metadata is null ? null : Parse(p.Metadata), p.Created, p.Samples);

    /// <summary>The object; or the text of it, of metadata that an older version accepted and that no JSON can hold.</summary>
    static JsonElement Parse(string metadata)
    {
        try
        {
            using var document = JsonDocument.Parse(metadata, new() { MaxDepth = GalleryToolJson.MostDepth / 2 });
            // Half of a surrogate pair, escaped, is found out only when it is written.
            using var writer = new Utf8JsonWriter(Stream.Null);
            document.RootElement.WriteTo(writer);
            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return JsonSerializer.SerializeToElement(metadata, GalleryToolJson.Default.String);
        }
    }
}

sealed record QualityJson(double? FaceWidth, double? DetectorScore, double? Sharpness, double? Yaw, double? Pitch, double? Roll)
{
    public static QualityJson Of(SampleQuality q) => new(q.FaceWidth, q.DetectorScore, q.Sharpness, q.Yaw, q.Pitch, q.Roll);
}

sealed record SampleJson(long Id, DateTimeOffset Created, string? Source, string? SourceSha256, QualityJson Quality, bool HasCrop)
{
    public static SampleJson Of(Sample s) => new(s.Id, s.Created, s.Source, s.SourceSha256, QualityJson.Of(s.Quality), s.HasCrop);
}

/// <summary>A person as results name them.</summary>
sealed record PersonNameJson(long Id, string Name, string? ExternalKey)
{
    public static PersonNameJson Of(Person p) => new(p.Id, p.Name, p.ExternalKey);
}

sealed record CandidateJson(PersonNameJson Person, long SampleId, double Score)
{
    public static CandidateJson Of(Candidate c) => new(PersonNameJson.Of(c.Person), c.SampleId, Math.Round(c.Score, 6));
}

sealed record ResemblanceJson(string File, PersonNameJson Person, long SampleId, CandidateJson Resembles)
{
    public static ResemblanceJson Of(Resemblance r)
        => new(r.File, PersonNameJson.Of(r.Enrolment.Person), r.Enrolment.Sample.Id, CandidateJson.Of(r.Enrolment.Resembles!));
}

sealed record EnrolWarningJson(
    string Kind, string File, PersonNameJson Person, long SampleId, PersonNameJson? Other, long? OtherSampleId, double? Score, string Message)
{
    public static EnrolWarningJson Of(EnrolWarning w)
        => new(w.Kind, w.File, PersonNameJson.Of(w.Person), w.SampleId, w.Other is null ? null : PersonNameJson.Of(w.Other),
            w.OtherSampleId, w.Score is { } s ? Math.Round(s, 6) : null, w.Message);
}

sealed record EnrollJson(string Schema, bool GalleryCreated, GalleryInfoJson? Gallery, int Enrolled, int AlreadyThere, int PeopleAdded,
    double ImagesPerSecond, double? ResemblanceThreshold, double? Fmr, ResemblanceJson[] Resemblances, EnrolWarningJson[] Warnings,
    ErrorJson[] Ignored, ErrorJson[] Errors, ErrorJson[] Unanswered, bool Stopped);

sealed record QueueCountsJson(long Waiting, long Taken, long Done, long Failed)
{
    public static QueueCountsJson Of(EnrolCounts c) => new(c.Waiting, c.Taken, c.Done, c.Dead);
}

sealed record QueueJson(string Schema, bool GalleryCreated, GalleryInfoJson Gallery, int Queued, int AlreadyQueued, QueueCountsJson Queue,
    ErrorJson[] Ignored, ErrorJson[] Errors);

sealed record FailedJobJson(long Id, string Name, string ExternalKey, string File, int Attempts, string Error)
{
    public static FailedJobJson Of(EnrolFailure f) => new(f.Id, f.Person.Name, f.Person.ExternalKey!, f.Source, f.Attempts, f.Error);
}

sealed record WorkJson(string Schema, GalleryInfoJson Gallery, int Done, int Enrolled, bool Stopped, double ImagesPerSecond, QueueCountsJson Queue,
    double? ResemblanceThreshold, double? Fmr, ResemblanceJson[] Resemblances, EnrolWarningJson[] Warnings, FailedJobJson[] Failed);

sealed record IdentifiedJson(FaceJson? Face, QualityJson Quality, GateJson Gate, string Decision, PersonNameJson? Person, double? Score,
    long? SampleId, double? Margin, CandidateJson[] Candidates, CandidateJson? Rival, int? TakenByFace, string? Note);

sealed record IdentifyJson(string Schema, string File, int Width, int Height, double Threshold, double? Fmr, double? ExpectedFpir,
    long GalleryPersons, IdentifiedJson[] Faces, ContractJson Contract);

sealed record PersonsJson(string Schema, long Total, PersonJson[] Persons);

sealed record PersonShowJson(string Schema, PersonJson Person, SampleJson[] Samples);

sealed record GalleryCheckJson(string Schema, bool Sound, long Persons, long Samples, string[] Problems);

sealed record DeletionJson(string Schema, int Persons, int Samples, int Crops, bool Cleared);

sealed record AuditEntryJson(long Id, DateTimeOffset At, string Action, long? PersonId, long? SampleId, string? Detail);

sealed record AuditJson(string Schema, AuditEntryJson[] Entries);

sealed record ExportedJson(string Schema, string Folder, long Persons, long Samples, long Crops);

sealed record ImportedJson(
    string Schema, string Folder, long Persons, long Samples, long Crops, long Present, string[] Problems, string[] Warnings, bool GalleryCreated);

sealed record ReembedJson(string Schema, bool Replaced, ContractJson From, ContractJson To, long Samples, long FromCrops, long FromSources,
    long Dropped, ErrorJson[] Errors);

sealed record GroupedFaceJson(string File, FaceJson? Face);

/// <param name="Index">Its place in the order of detection.</param>
sealed record LeftOutFaceJson(string File, int Index, FaceJson? Face, GateJson Gate);

sealed record FaceGroupJson(int Group, GroupedFaceJson[] Faces);

sealed record ClusterJson(string Schema, double Threshold, double? Fmr, int Faces, FaceGroupJson[] Groups,
    LeftOutFaceJson[] Unrecognisable, ErrorJson[] Errors, ErrorJson[] Unanswered, ErrorJson[] Ignored, ContractJson Contract);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, MaxDepth = MostDepth)]
[JsonSerializable(typeof(GalleryInfoJson))]
[JsonSerializable(typeof(EnrollJson))]
[JsonSerializable(typeof(QueueJson))]
[JsonSerializable(typeof(WorkJson))]
[JsonSerializable(typeof(IdentifyJson))]
[JsonSerializable(typeof(PersonsJson))]
[JsonSerializable(typeof(PersonShowJson))]
[JsonSerializable(typeof(GalleryCheckJson))]
[JsonSerializable(typeof(DeletionJson))]
[JsonSerializable(typeof(AuditJson))]
[JsonSerializable(typeof(ExportedJson))]
[JsonSerializable(typeof(ImportedJson))]
[JsonSerializable(typeof(ReembedJson))]
[JsonSerializable(typeof(ClusterJson))]
[JsonSerializable(typeof(string))]
sealed partial class GalleryToolJson : JsonSerializerContext
{
    /// <summary>
    /// Metadata are nested less deep (<see cref="NewPerson.MostMetadataDepth"/>), but those of older galleries may be 64 deep, and a document
    /// adds its own levels.
    /// </summary>
    public const int MostDepth = 256;
}
