using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>
/// A crop and, where it was searched for, its face, embedded and judged already; null of a crop that was given.
/// </summary>
readonly record struct FoundCrop(ReadOnlyMemory<byte> Crop, AnalyzedFace? Analyzed = null);
