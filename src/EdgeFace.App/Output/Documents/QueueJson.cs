using EdgeFace.Gallery;

namespace EdgeFace.App.Output;

sealed record QueueCountsJson(long Waiting, long Taken, long Done, long Failed)
{
    public static QueueCountsJson Of(EnrolCounts c) => new(c.Waiting, c.Taken, c.Done, c.Dead);
}

sealed record QueueJson(string Schema, bool GalleryCreated, GalleryInfoJson Gallery, int Queued, int AlreadyQueued, QueueCountsJson Queue,
    ErrorJson[] Ignored, ErrorJson[] Errors);
