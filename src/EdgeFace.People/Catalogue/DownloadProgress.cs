namespace EdgeFace.People;

/// <summary>How far a download is.</summary>
/// <param name="Bytes">That have arrived, also in earlier tries.</param>
/// <param name="Total">Of the whole file; null where the server does not say.</param>
public readonly record struct DownloadProgress(long Bytes, long? Total);
