using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>What was made of a picture: a sample and its face, or neither where the person has it already, or why there is none.</summary>
readonly record struct MadeSample(EnrolmentItem Item, NewSample? Sample = null, AnalyzedCrop? Face = null, Problem? Problem = null);
