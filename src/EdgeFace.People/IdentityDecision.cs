namespace EdgeFace.People;

/// <summary>What an identification (1:N) says of a face.</summary>
public enum IdentityDecision
{
    /// <summary>A person of the gallery is named.</summary>
    Person,

    /// <summary>Nobody of the gallery.</summary>
    Unknown,

    /// <summary>The face cannot be recognised, and was not looked for.</summary>
    Unrecognisable,
}
