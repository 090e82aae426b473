using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;

namespace EdgeFace.App.Commands;

/// <summary>A picture and what each detector found in it.</summary>
sealed record SearchedPicture(AnnotatedPicture Picture, DetectedFace[][] Found);
