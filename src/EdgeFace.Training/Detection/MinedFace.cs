using EdgeFace.Vision;

namespace EdgeFace.Training.Detection;

/// <summary>A place that stage 2 is to look at.</summary>
/// <param name="Landmarks">As stage 1 gives them.</param>
/// <param name="Score">What stage 2 is to say of it.</param>
/// <param name="Truth">Where the landmarks are, where that is known.</param>
readonly record struct MinedFace(Landmarks Landmarks, float Score, Landmarks? Truth);
