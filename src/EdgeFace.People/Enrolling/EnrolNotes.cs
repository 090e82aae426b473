using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>What is to be told of an enrolled face beside what the gallery says.</summary>
/// <param name="Gate">Why it cannot be recognised; null where it can, or nobody asks.</param>
/// <param name="InGroup">The face, where others of its picture may have been meant.</param>
/// <param name="Beside">How many others.</param>
readonly record struct EnrolNotes(GateJudgement? Gate, Face? InGroup, int Beside);
