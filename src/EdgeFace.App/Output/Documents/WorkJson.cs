using EdgeFace.Gallery;

namespace EdgeFace.App.Output;

sealed record FailedJobJson(long Id, string Name, string ExternalKey, string File, int Attempts, string Error)
{
    public static FailedJobJson Of(EnrolFailure f) => new(f.Id, f.Person.Name, f.Person.ExternalKey!, f.Source, f.Attempts, f.Error);
}

sealed record WorkJson(string Schema, GalleryInfoJson Gallery, int Done, int Enrolled, bool Stopped, double ImagesPerSecond, QueueCountsJson Queue,
    double? ResemblanceThreshold, double? Fmr, ResemblanceJson[] Resemblances, EnrolWarningJson[] Warnings, FailedJobJson[] Failed);
