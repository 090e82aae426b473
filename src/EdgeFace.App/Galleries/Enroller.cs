using System.Diagnostics;
using System.Security.Cryptography;
using EdgeFace.App.Output;
using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.App.Galleries;

/// <summary>How pictures are enrolled.</summary>
/// <param name="Face">Which face where a picture shows several.</param>
/// <param name="KeepCrops">Whether crops are stored.</param>
/// <param name="ResemblanceThreshold">The score at which a sample looks like another person; null does not look.</param>
sealed record EnrollerOptions(FaceChoice Face, bool KeepCrops, double? ResemblanceThreshold);

/// <summary>A sample that looks like another person.</summary>
sealed record Resemblance(string File, Enrolment Enrolment);

/// <summary>What came of enrolling.</summary>
sealed record EnrollerResult(IReadOnlyList<Enrolment> Enrolled, int AlreadyThere, int PeopleAdded, IReadOnlyList<Resemblance> Warnings, IReadOnlyList<ErrorJson> Errors, double ImagesPerSecond);

/// <summary>
/// Enrols many pictures: they are read, detected and embedded on all cores, a bounded number ahead, and written one after the other in their order. Pictures that a person has already are passed over, so
/// what was cut off can be begun again. A picture that cannot be enrolled does not stop the others.
/// </summary>
sealed class Enroller(IGallery gallery, Pipeline pipeline, EnrollerOptions options)
{
    readonly List<Enrolment> _enrolled = [];
    readonly List<Resemblance> _warnings = [];
    readonly List<ErrorJson> _errors = [];
    int _alreadyThere, _peopleAdded;

    public EnrollerResult Run(IReadOnlyList<EnrolmentItem> items, Action done)
    {
        var clock = Stopwatch.StartNew();
        foreach (var (item, prepared) in Ahead.Of(items, Prepare))
        {
            Write(item, prepared);
            done();
        }
        return new(_enrolled, _alreadyThere, _peopleAdded, _warnings, _errors, items.Count / Math.Max(clock.Elapsed.TotalSeconds, 1e-9));
    }

    /// <summary>A sample, or null for a picture that the person has already; or why there is none.</summary>
    sealed record Prepared(NewSample? Sample, string? Error);

    Prepared Prepare(EnrolmentItem item)
    {
        try
        {
            return new(Sample(item), null);
        }
        catch (Exception e) when (Tool.Describe(e) is { Code: ExitCode.BadInput } problem)
        {
            return new(null, problem.Message);
        }
    }

    /// <summary>The sample of a picture, or null if its person has the picture already.</summary>
    public NewSample? Sample(EnrolmentItem item)
    {
        var bytes = ImageCodec.ReadFile(item.File);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (gallery.ContainsSource(sha256) && Find(item.Person) is { } known && gallery.Samples(known.Id).Any(s => s.SourceSha256 == sha256)) return null;
        return SampleOf(pipeline.One(ImageCodec.Decode(bytes, default, item.File), options.Face, item.File), item.File, sha256);
    }

    NewSample SampleOf(EmbeddedFace face, string file, string sha256) => new(face.Embedding)
    {
        Source = Path.GetFullPath(file),
        SourceSha256 = sha256,
        Quality = QualityOf(face),
        Crop = options.KeepCrops ? ImageCodec.EncodePng(new RgbImage(FaceEmbedder.CropSize, FaceEmbedder.CropSize, face.Crop.ToArray())) : null,
    };

    /// <summary>What is stored of how well a face was seen; of a crop that was given only its sharpness is known.</summary>
    public static SampleQuality QualityOf(EmbeddedFace face)
    {
        if (face.Face is null) return new() { Sharpness = Math.Round(FaceQuality.SharpnessOf(face.Crop.Span), 1) };
        var quality = FaceQuality.Of(face.Face, face.Crop.Span);
        return new()
        {
            FaceWidth = Math.Round(quality.FaceWidth, 1),
            DetectorScore = Math.Round(quality.DetectorScore, 4),
            Sharpness = Math.Round(quality.Sharpness, 1),
            Yaw = Degrees(quality.Pose?.Yaw),
            Pitch = Degrees(quality.Pose?.Pitch),
            Roll = Degrees(quality.Pose?.Roll),
        };

        static double? Degrees(double? value) => value is { } v ? Math.Round(v, 1) : null;
    }

    void Write(EnrolmentItem item, Prepared prepared)
    {
        if (prepared.Error is not null)
        {
            _errors.Add(new(item.File, prepared.Error));
            return;
        }
        if (prepared.Sample is null)
        {
            _alreadyThere++;
            return;
        }
        try
        {
            var known = Find(item.Person);
            var how = new EnrolOptions { ResemblanceThreshold = options.ResemblanceThreshold };
            var enrolment = known is null ? gallery.Enrol(item.Person, [prepared.Sample], how)[0] : gallery.Enrol(known.Id, prepared.Sample, how);
            if (known is null) _peopleAdded++;
            _enrolled.Add(enrolment);
            if (enrolment.Resembles is not null) _warnings.Add(new(item.File, enrolment));
        }
        catch (DuplicateSampleException)
        {
            _alreadyThere++;
        }
        catch (GalleryException e)
        {
            _errors.Add(new(item.File, $"{item.File}: {e.Message}"));
        }
    }

    Person? Find(NewPerson person)
    {
        if (person.ExternalKey is { } key) return gallery.FindPerson(key);
        return gallery.PersonsNamed(person.Name) switch
        {
            [] => null,
            [var one] => one,
            var several => throw new GalleryException($"{several.Count} people are named '{person.Name}' ({string.Join(", ", several.Take(5).Select(p => p.Id))}): say which one with an external key"),
        };
    }
}
