namespace EdgeFace.People;

/// <summary>What came of one picture of many.</summary>
public enum EnrolmentOutcomeKind
{
    /// <summary>It is a sample of its person now.</summary>
    Enrolled,

    /// <summary>Its person had it already, and nothing was done.</summary>
    AlreadyThere,

    /// <summary>It is sound, and shows no face, not the one that is meant, or none that can be recognised.</summary>
    NoAnswer,

    /// <summary>It cannot be used, or the gallery refused it.</summary>
    Failed,
}
