using Microsoft.Extensions.Logging;

namespace EdgeFace.People;

/// <summary>
/// What is logged. No message has a name, a picture's name, an embedding or a score: who reads logs learns from them what was done, not to whom.
/// Numbers of people and samples are those of the gallery and mean nothing without it.
/// </summary>
static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "The models are open: recogniser {Model} {Version}, kernels {Kernels}.")]
    public static partial void ModelsOpened(this ILogger log, string model, string? version, string kernels);

    [LoggerMessage(2, LogLevel.Information, "The gallery is open: {Gallery}, {Persons} people, new: {IsNew}.")]
    public static partial void GalleryOpened(this ILogger log, string gallery, long persons, bool isNew);

    [LoggerMessage(10, LogLevel.Information, "Enrolled sample {Sample} of person {Person}.")]
    public static partial void Enrolled(this ILogger log, long sample, long person);

    [LoggerMessage(11, LogLevel.Warning, "Sample {Sample} of person {Person} resembles person {Other}: one of the two may be wrong.")]
    public static partial void Resembles(this ILogger log, long sample, long person, long other);

    [LoggerMessage(12, LogLevel.Information, "Nothing enrolled: the face cannot be recognised.")]
    public static partial void Unrecognisable(this ILogger log);

    [LoggerMessage(20, LogLevel.Debug, "Identified: {Faces} faces, {Named} named, {Unrecognisable} unrecognisable, of {Persons} people.")]
    public static partial void Identified(this ILogger log, int faces, int named, int unrecognisable, long persons);

    [LoggerMessage(21, LogLevel.Debug, "Verified person {Person}: {Result}.")]
    public static partial void Verified(this ILogger log, long person, MatchDecision result);
}
