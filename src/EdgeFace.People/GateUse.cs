namespace EdgeFace.People;

/// <summary>What a command does with faces that cannot be recognised.</summary>
enum GateUse
{
    /// <summary>It leaves them out and says why.</summary>
    Refuse,

    /// <summary>It takes them and says so.</summary>
    Warn,

    /// <summary>It takes them.</summary>
    Off,
}
