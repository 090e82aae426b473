namespace EdgeFace.People;

/// <summary>Why an enrolment should be looked at.</summary>
public enum EnrolmentWarningKind
{
    /// <summary>An external key came with another name than its person has; the sample is that person's.</summary>
    OtherName,

    /// <summary>Somebody was added by an external key, and somebody without a key has the name: perhaps they are one.</summary>
    Namesake,

    /// <summary>The sample scores low against its own person's others, or another person is nearer.</summary>
    Unlike,

    /// <summary>Another person has the same image.</summary>
    SameImage,

    /// <summary>The face cannot be recognised, and was enrolled all the same.</summary>
    Unrecognisable,

    /// <summary>The face was chosen by a rule for all pictures, and another one of this picture is at least half as wide.</summary>
    GroupPhoto,
}
